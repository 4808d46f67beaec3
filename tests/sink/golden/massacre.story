massacre    1 CPU, 256 MiB RAM (219 MiB for use), 128 MiB swap; Linux 6.1.0-50-cloud-amd64 (model k6.1), seed 5
pressure    none: kswapd never had to wake, nobody reclaimed for himself
reclaim     313 MiB scanned, 65.3 MiB reclaimed (20.9 %), 91.3 % of it by kswapd; swapped out 56.8 MiB, in 6.3 MiB
            1322 major faults, 0 refaults of file pages, 1455 of anonymous ones
stalls      memory pressure (PSI): some 1.309 s (13.0 % of the run), full 582 ms (5.8 %)
thrashing   index 21.6 % over the run, 95.0 % at 9.0 s, above 50 % for 2.0 s: time spent getting back what had been evicted
            processors: user 2.0 %, system 3.3 %, iowait 0.1 %, idle 94.5 %
            leak (pid 80): 46250 pages of work in 0.2 s of user time; 1.2 s lost to faults on evicted memory
            idle (pid 79): 2557 pages of work in 0.2 s of user time; 0.1 s lost to faults on evicted memory
OOM         the kernel never had to kill
killed      5.000 s bomb.0 (pid 100), 4.6 MiB resident and 0 kB in swap; still not gone at the end
killed      5.010 s bomb.1 (pid 101), 4.6 MiB resident and 0 kB in swap; still not gone at the end
killed      5.020 s bomb.2 (pid 102), 4.6 MiB resident and 0 kB in swap; still not gone at the end
killed      5.030 s bomb.3 (pid 103), 4.6 MiB resident and 0 kB in swap; still not gone at the end
killed      5.040 s bomb.4 (pid 104), 4.6 MiB resident and 0 kB in swap; still not gone at the end
killed      5.050 s bomb.5 (pid 105), 4.6 MiB resident and 0 kB in swap; still not gone at the end
            ... and 34 more until 5.390 s
end         at 10.000 s: the scenario's time is over
results     results/x/summary.json, events.jsonl, kern.log, timeline.csv, tasks.csv, trace.json (ui.perfetto.dev)
            plots: results/x/memory.svg psi.svg rss.svg
