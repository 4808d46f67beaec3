quiet       1 CPU, 256 MiB RAM (219 MiB for use), no swap; Linux 6.1.0-50-cloud-amd64 (model k6.1), seed 3
pressure    none: kswapd never had to wake, nobody reclaimed for himself
OOM         never: no process was killed
end         at 1.000 s: no process is left
results     results/x/summary.json, events.jsonl, kern.log, timeline.csv, tasks.csv, trace.json (ui.perfetto.dev)
note        gnuplot is not installed
