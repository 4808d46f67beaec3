kube        1 CPU, 256 MiB RAM (219 MiB for use), no swap; Linux 6.1.0-50-cloud-amd64 (model k6.1), seed 1
pressure    none: kswapd never had to wake, nobody reclaimed for himself
OOM         never: no process was killed
evicted     149.000 s web-b: used "all",\x0a\x1b of it 
kubernetes  pods evicted 1, refused 1; containers OOMKilled 1, restarted 0; MemoryPressure for 60.000 s
            Deployment web: 0 ready at the end, 0 at the least, for 180.000 s fewer than its 2
            PodDisruptionBudget web: 1 ready at the end, 0 at the least, for 20.000 s fewer than the wanted 1
end         at 200.000 s: the scenario's time is over
