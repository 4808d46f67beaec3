hostile <&>"'\\ 1 CPU, 256 MiB RAM (219 MiB for use), no swap; Linux 6.1.0-50-cloud-amd64 (model k6.1), seed 18446744073709551615
pressure    kswapd first woke at 1.000 s (0 kB free); first direct reclaim at 1.000 s; swap full at 1.000 s
OOM         at 1.000 s a"b',\x0a\x1b<&>é� (pid 80) wanted 1 page, gfp 0x140dca; swap 0 kB free of 128 MiB, file cache 0 kB, anonymous 186 MiB
            zone DMA: free 1376 kB + reclaimable 0 kB = 1376 kB <= min watermark 80 kB + reserve 1324 kB: no use to go on
            zone DMA32: free 1764 kB + reclaimable 0 kB = 1764 kB <= min watermark 1804 kB: no use to go on
            the last reclaim scanned 4.6 MiB and got 0 kB; even with all of that back no zone would be above its mark by its own count;
            with what CPUs have not told it yet the kernel went on for 16 rounds, without progress
scores      of 1 candidate, in pages; one unit of oom_score_adj is 121 pages, (RAM + swap) / 1000
                 pid name                  rss      swap  pgtables         adj      points
                   7 x\x0d\x0a\x09\\��        10         0         0           0          -5  <- killed
killed      1.000 s a"b',\x0a\x1b<&>é� (pid 7), 808 kB resident and 80 kB in swap; still not gone at the end
refused     1 allocations failed; 1 requests for address space were refused by overcommit accounting
end         at 2.000 s: no process is left
results     results/x/summary.json, events.jsonl, kern.log, timeline.csv, tasks.csv, trace.json (ui.perfetto.dev)
            plots: results/x/memory.svg psi.svg rss.svg
