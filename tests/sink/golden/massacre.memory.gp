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
set xrange [0:10.000000/unit]
set label 'massacre: where the memory went' at screen 0.085, screen 0.968 left font ',21'
set label 'Linux 6.1.0-50-cloud-amd64, 1 CPU, 256 MiB RAM, 128 MiB swap, seed 5; simulated; 40 killed (not all labelled)' at screen 0.085, screen 0.932 left font ',14' tc rgb '#555555'
set arrow from first 5.000000/unit, graph 0 to first 5.000000/unit, screen 0.898 nohead front lw 1.6 lc rgb '#D55E00'
set label 'bomb.0 (100)' at first 5.000000/unit, screen 0.890 left offset character 0.5,-0.1 font ',13' tc rgb '#A84300' front
set arrow from first 5.010000/unit, graph 0 to first 5.010000/unit, screen 0.872 nohead front lw 1.6 lc rgb '#D55E00'
set label 'bomb.1 (101)' at first 5.010000/unit, screen 0.864 left offset character 0.5,-0.1 font ',13' tc rgb '#A84300' front
set arrow from first 5.020000/unit, graph 0 to first 5.020000/unit, screen 0.846 nohead front lw 1.6 lc rgb '#D55E00'
set label 'bomb.2 (102)' at first 5.020000/unit, screen 0.838 left offset character 0.5,-0.1 font ',13' tc rgb '#A84300' front
set arrow from first 5.030000/unit, graph 0 to first 5.030000/unit, screen 0.820 nohead front lw 1.6 lc rgb '#D55E00'
set label 'bomb.3 (103)' at first 5.030000/unit, screen 0.812 left offset character 0.5,-0.1 font ',13' tc rgb '#A84300' front
set arrow from first 5.040000/unit, graph 0 to first 5.040000/unit, screen 0.794 nohead front lw 1.6 lc rgb '#D55E00'
set label 'bomb.4 (104)' at first 5.040000/unit, screen 0.786 left offset character 0.5,-0.1 font ',13' tc rgb '#A84300' front
set arrow from first 5.050000/unit, graph 0 to first 5.050000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.060000/unit, graph 0 to first 5.060000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.070000/unit, graph 0 to first 5.070000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.080000/unit, graph 0 to first 5.080000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.090000/unit, graph 0 to first 5.090000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.100000/unit, graph 0 to first 5.100000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.110000/unit, graph 0 to first 5.110000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.120000/unit, graph 0 to first 5.120000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.130000/unit, graph 0 to first 5.130000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.140000/unit, graph 0 to first 5.140000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.150000/unit, graph 0 to first 5.150000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.160000/unit, graph 0 to first 5.160000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.170000/unit, graph 0 to first 5.170000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.180000/unit, graph 0 to first 5.180000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.190000/unit, graph 0 to first 5.190000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.200000/unit, graph 0 to first 5.200000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.210000/unit, graph 0 to first 5.210000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.220000/unit, graph 0 to first 5.220000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.230000/unit, graph 0 to first 5.230000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.240000/unit, graph 0 to first 5.240000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.250000/unit, graph 0 to first 5.250000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.260000/unit, graph 0 to first 5.260000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.270000/unit, graph 0 to first 5.270000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.280000/unit, graph 0 to first 5.280000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.290000/unit, graph 0 to first 5.290000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.300000/unit, graph 0 to first 5.300000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.310000/unit, graph 0 to first 5.310000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.320000/unit, graph 0 to first 5.320000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.330000/unit, graph 0 to first 5.330000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.340000/unit, graph 0 to first 5.340000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.350000/unit, graph 0 to first 5.350000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.360000/unit, graph 0 to first 5.360000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.370000/unit, graph 0 to first 5.370000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.380000/unit, graph 0 to first 5.380000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
set arrow from first 5.390000/unit, graph 0 to first 5.390000/unit, screen 0.770 nohead front lw 0.6 lc rgb '#D55E00'
mem = 1024. # kB in a unit of the memory axis
mem_name = 'MiB'
set multiplot
set lmargin at screen 0.085; set rmargin at screen 0.780
set tmargin at screen 0.770; set bmargin at screen 0.400
set key at screen 0.792, screen 0.770 left top Left reverse samplen 2 spacing 1.25 width 0
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
