# Two real series of earlyoom's oomstat beside scenarios/desktop/ (make oomstat). Colours are Okabe and Ito's.
# MEASURED, the folder of the series, comes from the command line.
set terminal svg size 860,840 dynamic font 'sans,13' background '#ffffff'
set output 'oomstat.svg'
set grid ytics lc rgb '#dddddd'
start = 50.0
# oomstat's columns: time | MemAvail SwapFree | some avg10 full avg10
series(name) = sprintf('< grep -E "^ *[0-9]+[.][0-9] [|]" "%s/%s.txt" | tr "|" " "', MEASURED, name)
set multiplot layout 3,1
set key right center
set ylabel 'GiB'
set title 'overload: measured (points), simulated (lines)'
set xrange [0:185]
set yrange [0:8]
plot series('overload') every 3 using ($1-2.9):($2/1024) with points pt 7 ps 0.25 lc rgb '#56B4E9' title 'MemAvailable', \
     series('overload') every 3 using ($1-2.9):($3/1024) with points pt 7 ps 0.25 lc rgb '#E69F00' title 'SwapFree', \
     'overload.dat' using ($1-start):($2/1048576) with lines lw 2 lc rgb '#0072B2' notitle, \
     'overload.dat' using ($1-start):($3/1048576) with lines lw 2 lc rgb '#D55E00' notitle
set ylabel 'PSI memory avg10, %'
set yrange [0:105]
set title ''
plot series('overload') every 3 using ($1-2.9):5 with points pt 7 ps 0.25 lc rgb '#CC79A7' title 'some', \
     series('overload') every 3 using ($1-2.9):7 with points pt 7 ps 0.25 lc rgb '#009E73' title 'full', \
     'overload.dat' using ($1-start):4 with lines lw 2 lc rgb '#CC79A7' notitle, \
     'overload.dat' using ($1-start):5 with lines lw 2 lc rgb '#009E73' notitle
set title 'on the edge'
set xlabel 'seconds since it was started'
set ylabel 'GiB; PSI some avg10, 10 %'
set xrange [0:32]
set yrange [0:8]
plot series('ontheedge') every 3 using ($1-1.7):($2/1024) with points pt 7 ps 0.25 lc rgb '#56B4E9' title 'MemAvailable', \
     series('ontheedge') every 3 using ($1-1.7):($3/1024) with points pt 7 ps 0.25 lc rgb '#E69F00' title 'SwapFree', \
     series('ontheedge') every 3 using ($1-1.7):($5/10) with points pt 7 ps 0.25 lc rgb '#CC79A7' title 'some', \
     'ontheedge.dat' using ($1-start):($2/1048576) with lines lw 2 lc rgb '#0072B2' notitle, \
     'ontheedge.dat' using ($1-start):($3/1048576) with lines lw 2 lc rgb '#D55E00' notitle, \
     'ontheedge.dat' using ($1-start):($4/10) with lines lw 2 lc rgb '#CC79A7' notitle
unset multiplot
