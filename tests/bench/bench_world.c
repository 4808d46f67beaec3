/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole worlds, timed: what a second of the host's CPU simulates, and what a page (of RAM or swap) costs in host
 * memory. The last column compares with the project's bars: 25 bytes a page everywhere, and 10 s for a day-long leak
 * of 64 GiB.
 *
 *   make bench, or: build/tests/bench/bench_world [NAME]
 */
#include <stdio.h>
#include <time.h>

#include "tests/world/mini.h"

struct counts {
	uint64_t fault, evicted, scanned, kills, records, pages;
	sim_ns end;
};

struct bench {
	const char *name;
	void (*build)(struct sim_config *c);
	double bar_s; /* 0: none */
};

static int on_begin(void *ctx, const struct rec_begin *r)
{
	((struct counts *)ctx)->pages = r->totalram_pages + r->totalswap_pages;
	return 0;
}

static int on_event(void *ctx, const struct rec_event *r)
{
	struct counts *n = ctx;

	n->kills += r->kind == EV_OOM_KILL;
	n->records++;
	return 0;
}

static int on_end(void *ctx, const struct rec_end *r)
{
	struct counts *n = ctx;
	const uint64_t *v = r->last->vmstat;

	n->fault = v[VMSTAT_pgfault];
	n->evicted = v[VMSTAT_pgsteal_kswapd] + v[VMSTAT_pgsteal_direct];
	n->scanned = v[VMSTAT_pgscan_kswapd] + v[VMSTAT_pgscan_direct];
	n->end = r->t_ns;
	return 0;
}

/* ---- scenarios ---- */

static void leak_with_swap(struct sim_config *c)
{
	mini_init(c, 256, 128, 60);
	mini_process(c, "idle", 0, MINI_PROGRAM(STEP_LEAK(10 * MIB, 0), STEP_SLEEP_FOREVER));
	mini_process(c, "leak", 0.5, MINI_PROGRAM(STEP_LEAK(0, 25.0 * MIB)));
}

/* Random writes to 1.5 times the memory, as fast as the swap device goes. */
static void thrash(struct sim_config *c)
{
	mini_init(c, 1024, 2048, 120);
	mini_process(c, "thrash", 0,
		     MINI_PROGRAM(STEP_LEAK(1400 * MIB, 200.0 * MIB), { .op = STEP_TOUCH,
									.region = "heap",
									.pattern = PATTERN_UNIFORM,
									.write = true,
									.duration = 100 * NS_PER_SEC }));
}

/* Ten servers that hit for an hour. */
static void hits(struct sim_config *c)
{
	mini_init(c, 1024, 0, 3600);
	c->sample = 6 * NS_PER_SEC;
	mini_process(c, "server", 0,
		     MINI_PROGRAM(STEP_LEAK(50 * MIB, 0), { .op = STEP_TOUCH,
							    .region = "heap",
							    .pattern = PATTERN_ZIPF,
							    .zipf_s = 1.1,
							    .write = true,
							    .rate = 5000,
							    .duration = 3600 * NS_PER_SEC,
							    .catch_up = 10 * NS_PER_MS }))
		->count = 10;
}

/* 64 GiB in a day: 194 pages/s. */
static void slow_leak(struct sim_config *c)
{
	mini_init(c, 64 * 1024, 0, 86400);
	c->sample = 144 * NS_PER_SEC;
	mini_process(c, "leak", 0, MINI_PROGRAM(STEP_LEAK(0, 66.0 * GIB / 86400)));
}

static const struct bench benches[] = {
	{ "leak-with-swap", leak_with_swap, 0 },
	{ "thrash", thrash, 0 },
	{ "hits", hits, 0 },
	{ "slow-leak-64GiB", slow_leak, 10 },
};

/* ---- timing ---- */

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void row(const struct bench *b, const struct counts *n, const struct world_stats *s, double sec)
{
	double bytes = (double)s->host_peak / (double)n->pages;

	printf("%-16s %7.2f %9.0f %9.0f %9.0f %9.0f %9.0f %7.1f %6llu", b->name, sec, (double)n->fault / sec,
	       (double)n->evicted / sec, (double)n->scanned / sec, (double)s->events / sec, (double)n->end / 1e9 / sec,
	       bytes, (unsigned long long)n->kills);
	printf("  bytes x%.2f", bytes / 25);
	if (b->bar_s > 0)
		printf(", time x%.2f", sec / b->bar_s);
	printf("\n");
}

static int bench(const struct bench *b)
{
	struct counts n = { 0 };
	struct recorder rec = { .ctx = &n, .begin = on_begin, .event = on_event, .end = on_end };
	struct world_stats s;
	struct sim_config c;
	struct world *w;
	enum run_end end;
	double t = cpu_seconds();
	int err;

	b->build(&c);
	err = world_new(&c, &rec, &sim_alloc_libc, &w);
	if (!err) {
		err = world_run(w, &end);
		world_get_stats(w, &s);
		world_free(w);
	}
	t = cpu_seconds() - t;
	sim_config_free(&c);
	if (err)
		printf("%-16s failed: %d\n", b->name, err);
	else
		row(b, &n, &s, t);
	return err;
}

int main(int argc, char **argv)
{
	int err = 0;

	printf("%-16s %7s %9s %9s %9s %9s %9s %7s %6s  %s\n", "world", "cpu s", "faults/s", "evicted/s", "scanned/s",
	       "events/s", "sim s/s", "B/page", "kills", "ratio to the bar (below 1 is good)");
	for (size_t i = 0; i < ARRAY_LEN(benches); i++)
		if (argc < 2 || !strcmp(argv[1], benches[i].name))
			err |= bench(&benches[i]);
	return err != 0;
}
