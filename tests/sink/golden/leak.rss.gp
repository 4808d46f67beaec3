# rss.svg: draw it again with `gnuplot rss.gp` in this folder
set terminal svg size 1280,800 noenhanced font 'sans-serif,16' background rgb 'white' name 'rss'
set output 'rss.svg'
set encoding utf8
set datafile separator "\t"
unit = 1. # seconds in a unit of the time axis
set border 3 lw 1 lc rgb '#444444'
set tics nomirror out scale 0.6
set grid ytics lw 0.7 lc rgb '#DDDDDD'
set style fill solid 1.0 noborder
set xrange [0:20.000000/unit]
set label 'leak: resident memory of each process' at screen 0.085, screen 0.968 left font ',21'
set label 'Linux 6.1.0-50-cloud-amd64, 1 CPU, 256 MiB RAM, 128 MiB swap, seed 1; simulated; 2 killed' at screen 0.085, screen 0.932 left font ',14' tc rgb '#555555'
set arrow from first 14.200000/unit, graph 0 to first 14.200000/unit, screen 0.898 nohead front lw 1.6 lc rgb '#D55E00'
set label 'leak (80)' at first 14.200000/unit, screen 0.890 left offset character 0.5,-0.1 font ',13' tc rgb '#A84300' front
set arrow from first 14.300000/unit, graph 0 to first 14.300000/unit, screen 0.872 nohead front lw 1.6 lc rgb '#D55E00'
set label 'web (81) by earlyoom' at first 14.300000/unit, screen 0.864 left offset character 0.5,-0.1 font ',13' tc rgb '#A84300' front
mem = 1024. # kB in a unit of the memory axis
set lmargin at screen 0.085; set rmargin at screen 0.780
set tmargin at screen 0.848; set bmargin at screen 0.110
set key at screen 0.792, screen 0.848 left top Left reverse samplen 2 spacing 1.25 width 0
set xlabel 'simulated time (seconds)'
set format x '%g'
set yrange [0:*]
set ylabel 'resident set size (MiB)' offset 1,0
plot 'rss.dat' using ($1/unit):($2/mem) with lines lw 2.4 lc rgb '#0072B2' title 'leak (80)', \
 '' using ($1/unit):($3/mem) with lines lw 2.4 lc rgb '#E69F00' title 'web (81)', \
 '' using ($1/unit):($4/mem) with lines lw 2.4 lc rgb '#009E73' title 'idle (79)', \
 NaN with lines lw 1.6 lc rgb '#D55E00' title 'process killed'
