# memory.svg: draw it again with `gnuplot memory.gp` in this folder
set terminal svg size 1280,800 noenhanced font 'sans-serif,16' background rgb 'white' name 'memory'
set output 'memory.svg'
set encoding utf8
set datafile separator "\t"
unit = 1. # seconds in a unit of the time axis
set border 3 lw 1 lc rgb '#444444'
set tics nomirror out scale 0.6
set grid ytics lw 0.7 lc rgb '#DDDDDD'
set style fill solid 1.0 noborder
set xrange [0:20.000000/unit]
set label 'leak: where the memory went' at screen 0.085, screen 0.968 left font ',21'
set label 'Linux 6.1.0-50-cloud-amd64, 1 CPU, 256 MiB RAM, 128 MiB swap, seed 1; simulated; 2 killed' at screen 0.085, screen 0.932 left font ',14' tc rgb '#555555'
set arrow from first 14.200000/unit, graph 0 to first 14.200000/unit, screen 0.898 nohead front lw 1.6 lc rgb '#D55E00'
set label 'leak (80)' at first 14.200000/unit, screen 0.890 left offset character 0.5,-0.1 font ',13' tc rgb '#A84300' front
set arrow from first 14.300000/unit, graph 0 to first 14.300000/unit, screen 0.872 nohead front lw 1.6 lc rgb '#D55E00'
set label 'web (81) by earlyoom' at first 14.300000/unit, screen 0.864 left offset character 0.5,-0.1 font ',13' tc rgb '#A84300' front
mem = 1024. # kB in a unit of the memory axis
mem_name = 'MiB'
set multiplot
set lmargin at screen 0.085; set rmargin at screen 0.780
set tmargin at screen 0.848; set bmargin at screen 0.400
set key at screen 0.792, screen 0.848 left top Left reverse samplen 2 spacing 1.25 width 0
set format x ''
set ylabel sprintf('memory (%s)', mem_name) offset 1,0
set yrange [0:228480./mem]
plot 'memory.dat' using ($1/unit):(($2+$3+$4+$5)/mem):(($2+$3+$4+$5+$6)/mem) with filledcurves lc rgb '#EDEDED' title 'free', \
 '' using ($1/unit):(($2+$3+$4)/mem):(($2+$3+$4+$5)/mem) with filledcurves lc rgb '#56B4E9' title 'file cache', \
 '' using ($1/unit):(($2+$3)/mem):(($2+$3+$4)/mem) with filledcurves lc rgb '#CC79A7' title 'shared memory', \
 '' using ($1/unit):($2/mem):(($2+$3)/mem) with filledcurves lc rgb '#E69F00' title 'anonymous', \
 '' using ($1/unit):(0):($2/mem) with filledcurves lc rgb '#999999' title 'kernel and other', \
 '' using ($1/unit):($7/mem) with lines lw 3 lc rgb '#0072B2' title 'swap used', \
 NaN with lines lw 1.6 lc rgb '#D55E00' title 'process killed'
unset label
set lmargin at screen 0.085; set rmargin at screen 0.780
set tmargin at screen 0.365; set bmargin at screen 0.110
set key at screen 0.792, screen 0.365 left top Left reverse samplen 2 spacing 1.25 width 0
set xlabel 'simulated time (seconds)'
set format x '%g'
set logscale y
set yrange [*:*]
set ylabel sprintf('free memory (%s, log)', mem_name)
plot 'memory.dat' using ($1/unit):($10/mem) with lines lw 1.6 lc rgb '#009E73' title 'high watermark', \
 '' using ($1/unit):($9/mem) with lines lw 1.6 lc rgb '#E69F00' title 'low watermark', \
 '' using ($1/unit):($8/mem) with lines lw 1.6 lc rgb '#0072B2' title 'min watermark', \
 '' using ($1/unit):($6/mem) with lines lw 2.2 lc rgb 'black' title 'free'
unset multiplot
