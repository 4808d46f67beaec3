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
set xrange [0:1.000000/unit]
set label 'quiet: resident memory of each process' at screen 0.085, screen 0.968 left font ',21'
set label 'Linux 6.1.0-50-cloud-amd64, 1 CPU, 256 MiB RAM, no swap, seed 3; simulated' at screen 0.085, screen 0.932 left font ',14' tc rgb '#555555'
mem = 1024. # kB in a unit of the memory axis
set lmargin at screen 0.085; set rmargin at screen 0.780
set tmargin at screen 0.900; set bmargin at screen 0.110
set key at screen 0.792, screen 0.900 left top Left reverse samplen 2 spacing 1.25 width 0
set xlabel 'simulated time (seconds)'
set format x '%g'
set yrange [0:*]
set ylabel 'resident set size (MiB)' offset 1,0
set yrange [0:1]
plot NaN notitle
