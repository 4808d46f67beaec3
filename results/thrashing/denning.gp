# Denning's curve, from denning.csv (make thrashing). Colours are Okabe and Ito's.
set terminal svg size 860,720 dynamic font 'sans,13' background '#ffffff'
set output 'denning.svg'
set datafile separator comma
set style fill transparent solid 0.25 noborder
set grid ytics lc rgb '#dddddd'
set xrange [0:18.5]
device = 'hdd-7200 ssd-sata nvme'
title = '"disk, 7200/min" "SATA SSD" NVMe'
colour(i) = word('#D55E00 #0072B2 #009E73', i)
is(i) = strcol(1) eq word(device, i) ? column(2) : NaN
set multiplot layout 2,1 title "Programs on one processor, 8 MiB of working set each, in 128 MiB\n{/*0.8 mean of several seeds, band: 95 % confidence of the mean}"
set key right center
set ylabel 'processor computing, %'
set yrange [0:100]
set arrow 1 from 9,graph 0 to 9,graph 1 nohead lc rgb '#999999' dt 2
set label 1 'memory is full' at 9,97 right offset -0.5,0 tc rgb '#777777'
plot for [i=1:3] 'denning.csv' using (is(i)):(column('cpu_user')-column('cpu_user_ci95')):(column('cpu_user')+column('cpu_user_ci95')) \
	with filledcurves lc rgb colour(i) notitle, \
     for [i=1:3] 'denning.csv' using (is(i)):'cpu_user' with linespoints lw 2 pt 7 ps 0.5 lc rgb colour(i) title word(title, i)
unset label 1
set xlabel 'programs'
set ylabel 'thrashing index, %'
set key right bottom
plot for [i=1:3] 'denning.csv' using (is(i)):(column('thrashing_index')-column('thrashing_index_ci95')):(column('thrashing_index')+column('thrashing_index_ci95')) \
	with filledcurves lc rgb colour(i) notitle, \
     for [i=1:3] 'denning.csv' using (is(i)):'thrashing_index' with linespoints lw 2 pt 7 ps 0.5 lc rgb colour(i) title word(title, i)
unset multiplot
