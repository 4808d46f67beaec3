panic       1 CPU, 256 MiB RAM (219 MiB for use), no swap; Linux 6.1.0-50-cloud-amd64 (model k6.1), seed 4
pressure    none: kswapd never had to wake, nobody reclaimed for himself
OOM         at 1.000 s leak (pid 80) wanted 1 page, gfp 0x140dca; swap 0 kB free of 128 MiB, file cache 0 kB, anonymous 186 MiB
            zone DMA: free 1376 kB + reclaimable 0 kB = 1376 kB <= min watermark 80 kB + reserve 1324 kB: no use to go on
            zone DMA32: free 1764 kB + reclaimable 0 kB = 1764 kB <= min watermark 1804 kB: no use to go on
            the last reclaim scanned 4.6 MiB and got 0 kB; even with all of that back no zone would be above its mark by its own count;
            with what CPUs have not told it yet the kernel went on for 16 rounds, without progress
end         at 1.000 s: Kernel panic - not syncing: System is deadlocked on memory
results     results/x/summary.json, events.jsonl, kern.log, timeline.csv, tasks.csv, trace.json (ui.perfetto.dev)
            plots: results/x/memory.svg psi.svg rss.svg
