/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup_wait: OOM, thresholds and pressure of version 1, memory.events of version 2; soft limits, failcnt, force_empty. Source:
 * mm/memcontrol.c and mm/vmpressure.c of 6.1. */
#include <errno.h>

#include "sim/mm/memcg.h"
#include "tests/world/cgtext.h"

#define V1      "cgroup_version: 1\n"
#define HOLD    ", " CG_SLEEP("forever")
#define WAIT(file, more) "{cgroup_wait: {cgroup: a, file: " file more "}}"

static double told_at(const struct cgtext *t, const char *comm, size_t n)
{
	const struct rec_event *e = cgtext_event_of(t, EV_CGROUP_NOTICE, comm, n);

	cr_expect_eq(e->arg[2], 0, "it timed out");
	return (double)e->t_ns / 1e9;
}

/* Nobody is killed: the handler hears that tasks wait, raises the limit, and they go on. */
Test(cgroup_notices, a_handler_raises_the_limit)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "6s", V1) "cgroups: [{path: a, memory.limit_in_bytes: 20MiB, memory.oom_control: 1}]\n"
				      "processes:\n" CG_PROC("p", "a", "1s", CG_ANON("30MiB"))
				      CG_ROOT("0", WAIT("memory.oom_control", "") ", " CG_SLEEP("500ms") ", "
					      CG_ECHO("a", "memory.limit_in_bytes", "40MiB")));
	double told = told_at(t, "root", 0);

	cr_expect(told > 1 && told < 1.2, "told at %f", told);
	cr_expect_eq(cgtext_at(t, "/a", told + 0.4).under_oom, 1);
	cr_expect_eq(cgtext_at(t, "/a", 6).under_oom, 0);
	cr_expect_eq(t->nkill, 0);
	cr_expect_eq(cgtext_event_of(t, EV_EXIT, "p", 0)->arg[0], 0);
	cr_expect_gt((double)cgtext_event_of(t, EV_EXIT, "p", 0)->t_ns / 1e9, told + 0.49);
	cgtext_free(t);
}

/* Who registers when it is too late is told at once; with the killer enabled all hear, the parent too, and the kill comes all the same. */
Test(cgroup_notices, late_and_enabled)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "4s", V1) "cgroups: [{path: a, memory.limit_in_bytes: 20MiB, memory.oom_control: 1}]\n"
				      "processes:\n" CG_PROC("p", "a", "0", CG_ANON("30MiB") HOLD)
				      CG_ROOT("2s", WAIT("memory.oom_control", "")));

	cr_expect_lt(told_at(t, "root", 0), 2.01);
	cgtext_free(t);
	t = cgtext_run(CG_HEAD("6.1", "4s", V1) "cgroups: [{path: a, memory.limit_in_bytes: 20MiB}, {path: a/b}]\nprocesses:\n"
		       CG_PROC("p", "a/b", "1s", CG_ANON("30MiB") HOLD) CG_ROOT("0", WAIT("memory.oom_control", ""))
		       "  - {name: sub, uid: 0, workload: [{cgroup_wait: {cgroup: a/b, file: memory.oom_control}}]}\n");
	cr_expect_lt(told_at(t, "root", 0), 1.2);
	cr_expect_lt(told_at(t, "sub", 0), 1.2);
	cr_expect_eq(t->nkill, 1);
	cgtext_free(t);
}

/* 10 MiB a second from 1 s on: 20 MiB are passed at 3 s, as seen at the next 128th page (0.05 s later) at most; downwards when p
 * gives it back at 4.5 s. What happens between the waits is not missed. */
Test(cgroup_notices, thresholds_both_ways)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "8s", V1) "cgroups: [{path: a}]\nprocesses:\n"
				      CG_PROC("p", "a", "1s", "{leak: {region: h, size: 30MiB, rate: 10MiB/s}}, " CG_SLEEP("500ms") ", "
					      "{munmap: {region: h}}" HOLD)
				      CG_ROOT("0", "{loop: {count: 3, steps: [" WAIT("memory.usage_in_bytes", ", threshold: 20MiB, timeout: 5s")
					      ", " CG_SLEEP("2s") "]}}"));
	double up = told_at(t, "root", 0);

	cr_expect(up > 2.97 && up < 3.06, "up at %f", up);
	cr_expect_lt(told_at(t, "root", 1), up + 2.001, "it was told while root slept");
	cr_expect_eq(cgtext_event_of(t, EV_CGROUP_NOTICE, "root", 1)->arg[1], CGN_USAGE);
	cr_expect_eq(cgtext_count(t, EV_CGROUP_NOTICE, "root"), 2, "the third wait would end at 12 s");
	cgtext_free(t);
}

/* Memory and swap together pass 15 MiB although memory alone may not. */
Test(cgroup_notices, memsw_thresholds_and_timeouts)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "8s", V1) CG_SWAP "cgroups: [{path: a, memory.limit_in_bytes: 10MiB}]\nprocesses:\n"
				      CG_PROC("p", "a", "1s", CG_ANON("20MiB") HOLD)
				      CG_ROOT("0", WAIT("memory.memsw.usage_in_bytes", ", threshold: 15MiB"))
				      "  - {name: x, workload: [" WAIT("memory.usage_in_bytes", ", threshold: 15MiB, timeout: 3s") "]}\n");
	const struct rec_event *e = cgtext_event_of(t, EV_CGROUP_NOTICE, "x", 0);

	cr_expect_lt(told_at(t, "root", 0), 2);
	cr_expect_eq(e->arg[2], 1);
	cr_expect_float_eq((double)e->t_ns / 1e9, 3, 0.001);
	cgtext_free(t);
}

/* 512 scanned: 204 reclaimed are a pressure of 60, 205 of 59; 25 of 95, 26 of 94. */
Test(cgroup_notices, levels_of_pressure)
{
	cr_expect_eq(vmpressure_level(512, 512), 0);
	cr_expect_eq(vmpressure_level(512, 600), 0);
	cr_expect_eq(vmpressure_level(512, 205), 0);
	cr_expect_eq(vmpressure_level(512, 204), 1);
	cr_expect_eq(vmpressure_level(512, 26), 1);
	cr_expect_eq(vmpressure_level(512, 25), 2);
	cr_expect_eq(vmpressure_level(512, 0), 2);
}

/* Clean file pages come at once: that is a low pressure. Locked memory at the limit is a critical one. a hears, the root above it only
 * what a does not want. */
Test(cgroup_notices, pressure_of_a_limit)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "6s", V1) "  disks: [{name: d, device: {read_latency: 80us}}]\n"
				      "  files: [{name: f, size: 30MiB}]\ncgroups: [{path: a, memory.limit_in_bytes: 20MiB}]\nprocesses:\n"
				      CG_PROC("p", "a", "1s", "{read: {file: f}}, " CG_SLEEP("1s") ", "
					      "{mmap: {region: m, size: 22MiB}}, {mlock: {region: m}}")
				      CG_ROOT("0", WAIT("memory.pressure_level", ", level: critical"))
				      "  - {name: low, workload: [{cgroup_wait: {cgroup: /, file: memory.pressure_level, level: low}}]}\n");

	cr_expect_lt(told_at(t, "low", 0), 1.9);
	cr_expect_gt(told_at(t, "root", 0), 2);
	cgtext_free(t);
}

/* memory.high tells a daemon, which makes room before anybody is slowed down for long. The counter rises all the time, the daemon
 * hears of it at most every 10 ms. */
Test(cgroup_notices, memory_events)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "8s", "") "cgroups: [{path: a, memory.high: 20MiB}, {path: a/b}]\nprocesses:\n"
				      CG_PROC("p", "a/b", "1s", "{leak: {region: h, size: 24MiB, rate: 20MiB/s}}" HOLD)
				      CG_ROOT("0", "{loop: {count: 4, steps: [" WAIT("memory.events", "") "]}}"));
	double last = told_at(t, "root", 0);

	cr_expect(last > 1.9 && last < 2.1, "20 MiB at 20 MiB/s: told at %f", last);
	for (size_t i = 1; i < 4; i++) {
		double at = told_at(t, "root", i);

		cr_expect_geq(at, last + 0.0079, "8 ms are two ticks of 4 ms: %f after %f", at, last);
		last = at;
	}
	cgtext_free(t);
}

static void soft_run(const char *kernel, uint64_t *a, uint64_t *b)
{
	struct cgtext *t = cgtext_run("kernel: \"%s\"\nduration: 10s\nsample: 20ms\nstop_when_idle: false\n" V1 "machine:\n  cpus: 2\n"
				      "  memory: 256MiB\n" CG_SWAP "cgroups: [{path: a, memory.soft_limit_in_bytes: 20MiB}, {path: b}]\nprocesses:\n"
				      CG_PROC("p", "a", "0", CG_ANON("80MiB") HOLD) CG_PROC("q", "b", "0", CG_ANON("80MiB") HOLD)
				      "  - {name: r, start: 3s, workload: [" CG_ANON("80MiB") HOLD "]}\n", kernel);

	*a = cgtext_at(t, "/a", 10).swap_current;
	*b = cgtext_at(t, "/b", 10).swap_current;
	cgtext_free(t);
}

/* a exceeds its soft limit by 60 MiB: what the machine lacks comes from there, and b is left in peace. MGLRU knows no soft limits. */
Test(cgroup_notices, soft_limits)
{
	uint64_t a, b;

	soft_run("6.1", &a, &b);
	cr_expect_gt(a, 8 * MIB);
	cr_expect_lt(b, a / 8, "%llu and %llu", (unsigned long long)a, (unsigned long long)b);
	soft_run("6.1\"\nlru_gen: {enabled: true}\n#\"", &a, &b);
	cr_expect_gt(b, a / 4);
}

/* p's 30 MiB meet the limit many times; both counters go back to 0. */
Test(cgroup_notices, failcnt_and_force_empty)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "6s", V1) CG_SWAP "cgroups: [{path: a, memory.limit_in_bytes: 20MiB, "
				      "memory.memsw.limit_in_bytes: 20MiB}, {path: c}]\nprocesses:\n"
				      CG_PROC("p", "a", "0", CG_ANON("30MiB")) CG_PROC("q", "c", "0", CG_ANON("8MiB") HOLD)
				      CG_ROOT("2s", CG_ECHO("a", "memory.memsw.failcnt", "0") ", " CG_ECHO("a", "memory.failcnt", "x") ", "
					      CG_ECHO("c", "memory.force_empty", "0")));

	cr_expect_gt(cgtext_at(t, "/a", 1.9).memsw_failcnt, 0);
	cr_expect_eq(cgtext_at(t, "/a", 6).memsw_failcnt, 0);
	cr_expect_eq(cgtext_at(t, "/a", 6).failcnt, 0);
	cr_expect_eq(cgtext_at(t, "/c", 1.9).anon, 8 * MIB);
	cr_expect_eq(cgtext_at(t, "/c", 6).anon, 0);
	cr_expect_eq(cgtext_at(t, "/c", 6).swap_current, 8 * MIB);
	cgtext_free(t);
}
