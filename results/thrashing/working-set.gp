# Throughput against the working set, from working-set.csv (make thrashing), and what was measured on 6.1 (finding 17).
set terminal svg size 860,520 dynamic font 'sans,13' background '#ffffff'
set output 'working-set.svg'
set datafile separator comma
set style fill transparent solid 0.25 noborder
set grid ytics lc rgb '#dddddd'
kernel = '5.10 6.1 6.12'
colour(i) = word('#D55E00 #0072B2 #009E73', i)
available = 49604.0
is(i) = strcol(1) eq word(kernel, i) ? 100 * real(substr(strcol(2), 1, strlen(strcol(2)) - 5)) / available : NaN
low(m, c) = m > c ? m - c : m / 10
$measured << EOD
80,16.6e6
100,164.7e3
110,50.9e3
120,32.6e3
150,18.1e3
200,12.3e3
EOD
set title "One program writes at random over its working set, on the recorded machine\n{/*0.8 mean of several seeds, band: 95 % confidence of the mean}"
set logscale y
set format y '10^{%T}'
set yrange [3e3:3e7]
set xrange [75:205]
set xlabel 'working set, % of MemAvailable'
set ylabel 'touches a second'
plot for [i=1:3] 'working-set.csv' using (is(i)):(low(column('work_per_s'), column('work_per_s_ci95'))):(column('work_per_s')+column('work_per_s_ci95')) \
	with filledcurves lc rgb colour(i) notitle, \
     for [i=1:3] 'working-set.csv' using (is(i)):'work_per_s' with linespoints lw 2 pt 7 ps 0.4 lc rgb colour(i) title 'Linux '.word(kernel, i), \
     $measured using 1:2 with points pt 6 ps 1.4 lw 2 lc rgb '#000000' title 'measured, 6.1'
