leak        1 CPU, 256 MiB RAM (219 MiB for use), 128 MiB swap; Linux 6.1.0-50-cloud-amd64 (model k6.1), seed 1
pressure    kswapd first woke at 6.400 s (2.1 MiB free); first direct reclaim at 7.100 s; swap in use from 8.000 s; swap full at 13.000 s
reclaim     655 MiB scanned, 137 MiB reclaimed (20.9 %), 91.3 % of it by kswapd; swapped out 119 MiB, in 13.2 MiB
            2772 major faults, 0 refaults of file pages, 3050 of anonymous ones
stalls      memory pressure (PSI): some 2.745 s (13.7 % of the run), full 1.220 s (6.1 %); longest direct reclaim 250 ms
thrashing   index 22.7 % over the run, 95.0 % at 9.0 s, above 50 % for 4.0 s: time spent getting back what had been evicted
            processors: user 2.0 %, system 3.3 %, iowait 0.1 %, idle 94.5 %
            leak (pid 80): 46250 pages of work in 0.3 s of user time; 4.6 s lost to faults on evicted memory
            idle (pid 79): 2557 pages of work in 0.4 s of user time; 0.1 s lost to faults on evicted memory
OOM         at 14.200 s leak (pid 80) wanted 1 page, gfp 0x140dca; swap 0 kB free of 128 MiB, file cache 0 kB, anonymous 186 MiB
            zone DMA: free 1376 kB + reclaimable 0 kB = 1376 kB <= min watermark 80 kB + reserve 1324 kB: no use to go on
            zone DMA32: free 1764 kB + reclaimable 0 kB = 1764 kB <= min watermark 1804 kB: no use to go on
            the last reclaim scanned 4.6 MiB and got 0 kB; even with all of that back no zone would be above its mark by its own count;
            with what CPUs have not told it yet the kernel went on for 16 rounds, without progress
scores      of 3 candidates, in pages; one unit of oom_score_adj is 121 pages, (RAM + swap) / 1000
                 pid name                  rss      swap  pgtables         adj      points
                  80 leak                46432     30699       163           0       77294  <- killed
                  81 web                  4200         0        22       24200       28422
                  79 idle                  686      2063        17           0        2766
killed      14.200 s leak (pid 80), 181 MiB resident and 120 MiB in swap; 303 MiB came back after 90 ms
killed      14.300 s web (pid 81) by earlyoom, 16.4 MiB resident and 0 kB in swap; gone after 40 ms
end         at 20.000 s: the scenario's time is over
results     results/x/summary.json, events.jsonl, kern.log, timeline.csv, tasks.csv, trace.json (ui.perfetto.dev)
            plots: results/x/memory.svg psi.svg rss.svg
