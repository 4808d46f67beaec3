/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sink/fixture.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/registry.h"

#define TRY(call)                                                                                                      \
	do {                                                                                                           \
		int err_ = (call);                                                                                     \
		if (err_)                                                                                              \
			return err_;                                                                                   \
	} while (0)

/* A callback may be missing. */
#define SEND(rec, callback, r) TRY((rec)->callback ? (rec)->callback((rec)->ctx, r) : 0)

static struct sim_config config(const char *name, uint64_t seed)
{
	struct sim_config c = { .seed = seed, .horizon = 20 * NS_PER_SEC, .kernel = kernel_model_find("k6.1") };

	snprintf(c.name, sizeof(c.name), "%s", name);
	c.machine.ncpu = 1;
	c.machine.memory = 256 * MIB;
	c.machine.page_size = 4096;
	snprintf(c.machine.hardware, sizeof(c.machine.hardware), "QEMU Standard PC");
	return c;
}

static int begin(struct recorder *rec, const struct sim_config *c, uint64_t swap_pages)
{
	struct rec_begin b = {
		.config = c, .totalram_pages = 56000, .totalswap_pages = swap_pages, .min_free_kbytes = 1888
	};

	SEND(rec, begin, &b);
	return 0;
}

static int event(struct recorder *rec, sim_ns t, enum event_kind kind, int32_t pid, const char *comm, int64_t a,
		 int64_t b, int64_t c, int64_t d)
{
	struct rec_event e = { .t_ns = t, .kind = kind, .pid = pid, .arg = { a, b, c, d } };

	snprintf(e.comm, sizeof(e.comm), "%s", comm);
	SEND(rec, event, &e);
	return 0;
}

/* How far the leak has got at time t, kB resident and swapped: 25 MiB/s from 0.5 s to its death. */
#define DEATH_NS (UINT64_C(14200) * NS_PER_MS)
#define END_NS   (20 * NS_PER_SEC)

struct leak {
	uint64_t rss_kB, swap_kB;
};

static struct leak leak_at(sim_ns t)
{
	uint64_t want = t < NS_PER_SEC / 2 || t >= DEATH_NS ? 0 : (t - NS_PER_SEC / 2) * 25 * 1024 / NS_PER_SEC;
	uint64_t rss = want < 185000 ? want : 185000, swap = want - rss;

	return (struct leak){ rss, swap < 122000 ? swap : 122000 };
}

static void meminfo(struct rec_sample *s, struct leak l, uint64_t t_ms)
{
	uint64_t *mi = s->meminfo_kB;
	uint64_t file = l.rss_kB > 160000 ? 2000 + (t_ms % 700) : 14000;
	uint64_t used = l.rss_kB + 10240 + 800 + file + 16000;

	mi[MI_MemTotal] = 224000;
	mi[MI_MemFree] = used < 222200 ? 224000 - used : 1800;
	mi[MI_MemAvailable] = mi[MI_MemFree] + file / 2;
	mi[MI_Cached] = file + 800;
	mi[MI_Shmem] = 800;
	mi[MI_AnonPages] = l.rss_kB + 10240;
	mi[MI_Inactive_anon] = mi[MI_AnonPages];
	mi[MI_SwapTotal] = 131068;
	mi[MI_SwapFree] = 131068 - l.swap_kB;
	mi[MI_Slab] = 15000;
	mi[MI_SReclaimable] = 9000;
	mi[MI_SUnreclaim] = 6000;
	mi[MI_PageTables] = 400 + l.rss_kB / 512;
}

/* All of the leak's, which waits 150 us for each page it has in swap. */
static struct rec_acct account(struct leak l, sim_ns t)
{
	return (struct rec_acct){
		.delay = { [DELAY_CPU] = { l.rss_kB, l.rss_kB * 100 },
			   [DELAY_BLKIO] = { l.swap_kB / 4, l.swap_kB * 37500 },
			   [DELAY_THRASHING] = { l.swap_kB / 40, l.swap_kB * 3750 } },
		.cpu_ns = t / 50 + t / 30,
		.user_ns = t / 50,
		.fault_ns = l.rss_kB * 500 + l.swap_kB * 37500,
		.refault_ns = l.swap_kB * 37500,
		.refault_cpu_ns = l.swap_kB * 100,
		.elapsed_ns = t,
	};
}

static struct rec_sample sample_at(sim_ns t)
{
	struct leak l = leak_at(t);
	struct rec_sample s = { .t_ns = t, .wmark_min_kB = 1888, .wmark_low_kB = 2360, .wmark_high_kB = 2832 };
	uint64_t swapped = (t >= DEATH_NS ? leak_at(DEATH_NS - 1) : l).swap_kB / 4;

	meminfo(&s, l, t / NS_PER_MS);
	s.vmstat[VMSTAT_pgfault] = l.rss_kB / 4 + 1000;
	s.vmstat[VMSTAT_pswpout] = swapped;
	s.vmstat[VMSTAT_pswpin] = swapped / 9;
	s.vmstat[VMSTAT_pgmajfault] = swapped / 11;
	s.vmstat[VMSTAT_pgscan_kswapd] = swapped * 5;
	s.vmstat[VMSTAT_pgsteal_kswapd] = swapped + swapped / 20;
	s.vmstat[VMSTAT_pgscan_direct] = swapped / 2;
	s.vmstat[VMSTAT_pgsteal_direct] = swapped / 10;
	s.vmstat[VMSTAT_workingset_refault_anon] = swapped / 10;
	s.psi_memory.some = (struct rec_psi_line){ (uint32_t)(swapped / 8), (uint32_t)(swapped / 30),
						   (uint32_t)(swapped / 100), swapped * 90 };
	s.psi_memory.full =
		(struct rec_psi_line){ (uint32_t)(swapped / 16), (uint32_t)(swapped / 60), 7, swapped * 40 };
	s.psi_io.some.total_us = swapped * 10;
	s.cpu_ns[CPU_USER] = t / 50;
	s.cpu_ns[CPU_SYSTEM] = t / 30;
	s.cpu_ns[CPU_IOWAIT] = swapped * NS_PER_US;
	s.cpu_ns[CPU_IDLE] = t - t / 50 - t / 30 - s.cpu_ns[CPU_IOWAIT];
	s.acct = account(t >= DEATH_NS ? leak_at(DEATH_NS - 1) : l, t);
	return s;
}

static int task(struct recorder *rec, sim_ns t, int32_t pid, const char *comm, struct leak l, char state)
{
	struct rec_task r = { .t_ns = t,
			      .pid = pid,
			      .ppid = 1,
			      .state = state,
			      .uid = 1000,
			      .VmSize_kB = l.rss_kB + l.swap_kB + 6000,
			      .RssAnon_kB = l.rss_kB,
			      .RssFile_kB = 4,
			      .RssShmem_kB = 764,
			      .VmSwap_kB = l.swap_kB,
			      .VmPTE_kB = 60 + l.rss_kB / 512,
			      .oom_score = 666 + (int)(l.rss_kB / 1000),
			      .min_flt = l.rss_kB / 4,
			      .maj_flt = l.swap_kB / 90,
			      .utime_ns = t / 50,
			      .stime_ns = t / 30,
			      .work_pages = l.rss_kB / 4,
			      .delay_swapin_ns = l.swap_kB * 1000,
			      .acct = account(l, t) };

	snprintf(r.comm, sizeof(r.comm), "%s", comm);
	SEND(rec, task, &r);
	return 0;
}

static int leak_sample(struct recorder *rec, sim_ns t)
{
	struct rec_sample s = sample_at(t);

	SEND(rec, sample, &s);
	TRY(task(rec, t, 79, "idle", (struct leak){ 10228, t > 8 * NS_PER_SEC ? 3000 : 0 }, 'S'));
	if (t < DEATH_NS + NS_PER_SEC / 10)
		TRY(task(rec, t, 81, "web", (struct leak){ 9000 + t / NS_PER_MS / 2, 0 }, 'S'));
	if (t >= NS_PER_SEC / 2 && t < DEATH_NS)
		TRY(task(rec, t, 80, "leak", leak_at(t), t > 9 * NS_PER_SEC && t / (NS_PER_SEC / 4) % 2 ? 'D' : 'R'));
	return 0;
}

static const struct rec_oom_zone zones[] = {
	{ .node = 0,
	  .name = "DMA",
	  .free = 344,
	  .min = 20,
	  .low = 25,
	  .high = 30,
	  .inactive_anon = 3451,
	  .present = 3998,
	  .managed = 3840,
	  .free_pcp = 6,
	  .local_pcp = 6,
	  .lowmem_reserve = { 0, 331, 331, 331, 331 },
	  .nr_free_blocks = { 2, 1, 1, 2, 2, 1, 2, 1 } },
	{ .node = 0,
	  .name = "DMA32",
	  .free = 441,
	  .min = 451,
	  .low = 563,
	  .high = 675,
	  .active_anon = 29,
	  .inactive_anon = 44172,
	  .unevictable = 637,
	  .present = 95200,
	  .managed = 84741,
	  .mlocked = 637,
	  .free_pcp = 22,
	  .local_pcp = 22,
	  .nr_free_blocks = { 3, 1, 3, 3, 3, 3, 2, 1 } },
};
static const struct rec_oom_node nodes[] = {
	{ .node = 0,
	  .active_anon = 29,
	  .inactive_anon = 47623,
	  .unevictable = 637,
	  .mapped = 203,
	  .shmem = 201,
	  .kernel_stack_kB = 768,
	  .pagetables = 248,
	  .all_unreclaimable = true },
};

static struct rec_oom_report report(sim_ns t, const struct rec_oom_task *tasks, size_t n)
{
	return (struct rec_oom_report){
		.t_ns = t,
		.constraint = "CONSTRAINT_NONE",
		.message = "Out of memory",
		.gfp_mask = 0x140dca,
		.trigger_pid = 80,
		.trigger_comm = "leak",
		.dump_header = true,
		.dump_tasks = true,
		.totalpages = 121348,
		.active_anon = 29,
		.inactive_anon = 47623,
		.unevictable = 637,
		.slab_reclaimable = 2435,
		.slab_unreclaimable = 1608,
		.mapped = 203,
		.shmem = 201,
		.pagetables = 248,
		.free = 785,
		.free_pcp = 28,
		.pagecache_pages = 1105,
		.swapcache_pages = 904,
		.total_swap_kB = 131068,
		.pages_ram = 99198,
		.pages_reserved = 10617,
		.node = nodes,
		.nnode = 1,
		.zone = zones,
		.nzone = 2,
		.task = tasks,
		.ntask = n,
		.has_victim = true,
		.panic = -1,
		.no_progress_loops = 16,
		.reclaim_scanned = 1200,
	};
}

static const struct rec_oom_task tasks[] = {
	{ .pid = 1, .tgid = 1, .comm = "init", .total_vm = 600, .rss = 200, .why = "init is never killed" },
	{ .pid = 79,
	  .tgid = 79,
	  .comm = "idle",
	  .uid = 1000,
	  .total_vm = 4228,
	  .rss = 686,
	  .rss_anon = 494,
	  .rss_file = 1,
	  .rss_shmem = 191,
	  .pgtables_bytes = 69632,
	  .swapents = 2063,
	  .eligible = true,
	  .points = 2766 },
	{ .pid = 80,
	  .tgid = 80,
	  .comm = "leak",
	  .uid = 1000,
	  .total_vm = 78980,
	  .rss = 46432,
	  .rss_anon = 46240,
	  .rss_file = 1,
	  .rss_shmem = 191,
	  .pgtables_bytes = 667648,
	  .swapents = 30699,
	  .eligible = true,
	  .points = 77294 },
	{ .pid = 81,
	  .tgid = 81,
	  .comm = "web",
	  .uid = 33,
	  .total_vm = 9000,
	  .rss = 4200,
	  .rss_anon = 4000,
	  .rss_shmem = 200,
	  .pgtables_bytes = 90112,
	  .oom_score_adj = 200,
	  .eligible = true,
	  .points = 4222 + 200 * 121 },
	{ .pid = 70,
	  .tgid = 70,
	  .comm = "sshd",
	  .total_vm = 1200,
	  .rss = 300,
	  .pgtables_bytes = 40960,
	  .oom_score_adj = -1000,
	  .why = "oom_score_adj is -1000" },
};

static int kill_one(struct recorder *rec, sim_ns t, int32_t pid, const char *comm, const char *by, uint64_t anon_kB,
		    uint64_t swap_kB, int64_t points)
{
	struct rec_kill k = { .t_ns = t,
			      .pid = pid,
			      .uid = 1000,
			      .by = by,
			      .constraint = "CONSTRAINT_NONE",
			      .memcg = "/",
			      .trigger_pid = 80,
			      .points = points,
			      .total_vm_kB = 315920,
			      .anon_rss_kB = anon_kB,
			      .file_rss_kB = 4,
			      .shmem_rss_kB = 764,
			      .swap_kB = swap_kB,
			      .pgtables_kB = 652,
			      .message = "Out of memory" };

	snprintf(k.comm, sizeof(k.comm), "%s", comm);
	TRY(event(rec, t, EV_OOM_KILL, pid, comm, points, 0, 315920, 80));
	SEND(rec, kill, &k);
	return 0;
}

static int leak_dies(struct recorder *rec)
{
	struct rec_oom_report r = report(DEATH_NS, tasks, ARRAY_LEN(tasks));

	TRY(event(rec, DEATH_NS, EV_OOM_ENTER, 80, "leak", 0, 0x140dca, 785, 0));
	SEND(rec, oom, &r);
	TRY(kill_one(rec, DEATH_NS, 80, "leak", "kernel", 184960, 122796, 77294));
	TRY(event(rec, DEATH_NS + 90 * NS_PER_MS, EV_VICTIM_FREED, 80, "leak", 310000, 90000, 0, 0));
	TRY(event(rec, DEATH_NS + 95 * NS_PER_MS, EV_EXIT, 80, "leak", 9, 0, 46240, 1364));
	TRY(kill_one(rec, DEATH_NS + 100 * NS_PER_MS, 81, "web", "earlyoom", 16100, 0, 28422));
	return event(rec, DEATH_NS + 140 * NS_PER_MS, EV_EXIT, 81, "web", 15, 0, 4000, 0);
}

/* What happens at or before t and after the sample before it. */
static int leak_events(struct recorder *rec, sim_ns from, sim_ns to)
{
	static const struct {
		unsigned ms;
		enum event_kind kind;
		int32_t pid;
		const char *comm;
		int64_t arg[4];
	} e[] = {
		{ 0, EV_START, 79, "idle", { 1000, 0, 1, 0 } },
		{ 500, EV_START, 80, "leak", { 1000, 0, 1, 0 } },
		{ 520, EV_STEP_END, 79, "idle", { 0, 2560, 500, 473 } },
		{ 6400, EV_KSWAPD_WAKE, 0, "", { 0, 562, 0, 0 } },
		{ 6900, EV_KSWAPD_SLEEP, 0, "", { 0, 700, 3000, 1000 } },
		{ 7000, EV_KSWAPD_WAKE, 0, "", { 0, 560, 0, 0 } },
		{ 7100, EV_DIRECT_RECLAIM, 80, "leak", { 64, 32, 1500, 12 } },
		{ 9100, EV_DIRECT_RECLAIM, 80, "leak", { 640, 32, 250000, 9 } },
		{ 13000, EV_SWAP_FULL, 0, "", { 32767, 0, 0, 0 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(e); i++) {
		sim_ns t = e[i].ms * NS_PER_MS;

		if (t >= from && t < to)
			TRY(event(rec, t, e[i].kind, e[i].pid, e[i].comm, e[i].arg[0], e[i].arg[1], e[i].arg[2],
				  e[i].arg[3]));
	}
	return DEATH_NS >= from && DEATH_NS < to ? leak_dies(rec) : 0;
}

static int end(struct recorder *rec, sim_ns t, enum run_end how)
{
	struct rec_sample s = sample_at(t);
	struct rec_end e = { .t_ns = t, .end = how, .last = &s };

	TRY(event(rec, t, EV_END, 0, "", how, 0, 0, 0));
	SEND(rec, end, &e);
	return 0;
}

int fixture_leak(struct recorder *rec, unsigned samples)
{
	struct sim_config c = config("leak", 1);
	sim_ns last = 0;

	TRY(begin(rec, &c, 32767));
	for (unsigned i = 0; i <= samples; i++) {
		sim_ns t = END_NS * i / samples;

		TRY(leak_events(rec, last, i == samples ? t + 1 : t));
		TRY(leak_sample(rec, t));
		last = t;
	}
	return end(rec, END_NS, RUN_HORIZON);
}

int fixture_hostile(struct recorder *rec)
{
	static const char name[] = "a\"b',\n\x1b<&>\xc3\xa9\xff";
	struct sim_config c = config("hostile <&>\"'\\", UINT64_MAX);
	struct rec_oom_task bad = {
		.pid = 7, .tgid = 7, .comm = "x\r\n\t\\\xe2\x82", .rss = 10, .eligible = true, .points = -5
	};
	struct rec_oom_report r = report(NS_PER_SEC, &bad, 1);
	struct rec_sample s = sample_at(NS_PER_SEC);

	TRY(begin(rec, &c, 0));
	for (int i = 0; i < EV_KIND_COUNT; i++)
		if (i != EV_END)
			TRY(event(rec, NS_PER_SEC, (enum event_kind)i, i % 3 ? 7 : 0, name, -1, INT64_MIN, 2,
				  INT64_MAX));
	SEND(rec, sample, &s);
	TRY(task(rec, NS_PER_SEC, 7, name, (struct leak){ 10, 20 }, 'R'));
	snprintf(r.trigger_comm, sizeof(r.trigger_comm), "%s", name);
	SEND(rec, oom, &r);
	TRY(kill_one(rec, NS_PER_SEC, 7, name, "kernel", 40, 80, -5));
	return end(rec, 2 * NS_PER_SEC, RUN_IDLE);
}

int fixture_quiet(struct recorder *rec)
{
	struct sim_config c = config("quiet", 3);
	struct rec_sample s = sample_at(0);
	struct rec_end e = { .t_ns = NS_PER_SEC, .end = RUN_IDLE };

	TRY(begin(rec, &c, 0));
	SEND(rec, sample, &s);
	SEND(rec, end, &e);
	return 0;
}

int fixture_panic(struct recorder *rec)
{
	struct sim_config c = config("panic", 4);
	struct rec_oom_report r = report(NS_PER_SEC, tasks, 1);
	struct rec_end e = { .t_ns = NS_PER_SEC, .end = RUN_PANIC };

	r.has_victim = false;
	r.panic = PANIC_DEADLOCK;
	TRY(begin(rec, &c, 0));
	SEND(rec, oom, &r);
	TRY(event(rec, NS_PER_SEC, EV_PANIC, 80, "leak", PANIC_DEADLOCK, 0, 0, 0));
	SEND(rec, end, &e);
	return 0;
}

int fixture_massacre(struct recorder *rec, unsigned n)
{
	struct sim_config c = config("massacre", 5);

	TRY(begin(rec, &c, 32767));
	for (unsigned i = 0; i < 10; i++)
		TRY(leak_sample(rec, i * NS_PER_SEC));
	for (unsigned i = 0; i < n; i++) {
		char name[SIM_COMM_LEN];

		snprintf(name, sizeof(name), "bomb.%u", i % 100000);
		TRY(kill_one(rec, 5 * NS_PER_SEC + i * 10 * NS_PER_MS, 100 + (int32_t)i, name, "kernel", 4000, 0,
			     1000));
	}
	return end(rec, 10 * NS_PER_SEC, RUN_HORIZON);
}

struct strbuf fixture_read(const char *dir, const char *name)
{
	struct strbuf b = { 0 };
	char path[700], buf[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f) {
		strbuf_puts(&b, "");
		b.failed = true;
		return b;
	}
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		strbuf_add(&b, buf, n);
	fclose(f);
	return b;
}

bool fixture_exists(const char *dir, const char *name)
{
	char path[700];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

static void write_golden(const char *name, const char *text)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "tests/sink/golden/%s", name);
	f = fopen(path, "w");
	cr_assert_not_null(f, "%s", path);
	fputs(text, f);
	cr_assert_eq(fclose(f), 0);
}

/* Where two texts part, for a message one can read. */
static size_t line_of_difference(const char *a, const char *b)
{
	size_t line = 1;

	for (; *a && *a == *b; a++, b++)
		line += *a == '\n';
	return line;
}

void fixture_golden(const char *name, const char *text)
{
	struct strbuf want;

	if (getenv("OOMSIM_GOLDEN_UPDATE")) {
		write_golden(name, text);
		return;
	}
	want = fixture_read("tests/sink/golden", name);
	cr_assert(!want.failed,
		  "tests/sink/golden/%s is missing (run from the top folder; OOMSIM_GOLDEN_UPDATE=1 writes it)", name);
	cr_assert(strcmp(want.s ? want.s : "", text) == 0,
		  "%s differs from line %zu on; OOMSIM_GOLDEN_UPDATE=1 rewrites it", name,
		  line_of_difference(want.s ? want.s : "", text));
	strbuf_free(&want);
}

void fixture_tmpdir(char ret[200])
{
	const char *tmp = getenv("TMPDIR");

	snprintf(ret, 200, "%.150s/oomsim-sink-XXXXXX", tmp ? tmp : "/tmp");
	cr_assert_not_null(mkdtemp(ret));
}

void fixture_cleanup(const char *dir)
{
	char command[300];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	cr_expect_eq(system(command), 0);
}

int fixture_entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = -2;

	if (!d)
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}
