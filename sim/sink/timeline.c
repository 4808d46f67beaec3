/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timeline.csv, one row a sample. Columns, in this order:
 *   time_s                               simulated seconds, six decimals
 *   MemTotal ... Committed_AS            /proc/meminfo, kB, in the order of MEMINFO_MAP
 *   nr_free_pages ... swap_ra_hit        /proc/vmstat, pages or events, in the order of VMSTAT_MAP
 *   psi_some_avg10 psi_some_avg60 psi_some_avg300 psi_some_total_us, psi_full_...   /proc/pressure/memory, percent and us
 *   psi_io_some_... psi_io_full_..., psi_cpu_some_... psi_cpu_full_...              /proc/pressure/io and cpu
 *   wmark_min_kB wmark_low_kB wmark_high_kB watermark_boost_kB                      sums over zones
 *   cpu_user_us cpu_nice_us cpu_system_us cpu_idle_us cpu_iowait_us                 /proc/stat, all CPUs, but in us
 *   fault_us refault_us                  time of all processes in page faults; in getting back what had been evicted
 *   thrashing_index                      percent, since the row before (record.h)
 *   nr_zspages ... zram_failed_writes    only with compressed memory, in the order of ZMEM_MAP
 */
#include "sim/core/diag.h"
#include "sim/sink/format.h"

struct timeline {
	struct out out;
	struct rec_acct before;
	bool headed, zmem; /* the header is written; it has the columns of ZMEM_MAP */
};

static void psi_header(struct out *o, const char *which)
{
	static const char *const kind[] = { "some", "full" };
	static const char *const value[] = { "avg10", "avg60", "avg300", "total_us" };

	for (size_t i = 0; i < ARRAY_LEN(kind); i++)
		for (size_t j = 0; j < ARRAY_LEN(value); j++) {
			out_str(o, ",psi_");
			out_str(o, which);
			out_str(o, kind[i]);
			out_char(o, '_');
			out_str(o, value[j]);
		}
}

static void header(struct timeline *t)
{
	struct out *o = &t->out;

	if (t->headed)
		return;
	t->headed = true;
	out_str(o, "time_s");
	for (size_t i = 0; i < MI_COUNT; i++) {
		out_char(o, ',');
		out_str(o, meminfo_name[i]);
	}
	for (size_t i = 0; i < VMSTAT_COUNT; i++) {
		out_char(o, ',');
		out_str(o, vmstat_name[i]);
	}
	psi_header(o, "");
	psi_header(o, "io_");
	psi_header(o, "cpu_");
	out_str(o, ",wmark_min_kB,wmark_low_kB,wmark_high_kB,watermark_boost_kB");
	for (size_t i = 0; i < CPU_STAT_COUNT; i++) {
		out_str(o, ",cpu_");
		out_str(o, cpu_stat_name[i]);
		out_str(o, "_us");
	}
	out_str(o, ",fault_us,refault_us,thrashing_index");
	for (size_t i = 0; t->zmem && i < ZMEM_COUNT; i++) {
		out_char(o, ',');
		out_str(o, zmem_name[i]);
	}
	out_char(o, '\n');
}

static int timeline_open(void *state, const struct sink_env *env)
{
	struct timeline *t = state;

	out_open(&t->out, env->dirfd, "timeline.csv", env->error);
	return out_status(&t->out);
}

static void field(struct out *o, uint64_t v)
{
	out_char(o, ',');
	out_u64(o, v);
}

static void percent(struct out *o, uint32_t hundredths)
{
	out_char(o, ',');
	out_fixed(o, hundredths, 2);
}

static void psi_line(struct out *o, const struct rec_psi_line *p)
{
	percent(o, p->avg10);
	percent(o, p->avg60);
	percent(o, p->avg300);
	field(o, p->total_us);
}

static void psi(struct out *o, const struct rec_psi *p)
{
	psi_line(o, &p->some);
	psi_line(o, &p->full);
}

static int timeline_begin(void *ctx, const struct rec_begin *r)
{
	struct timeline *t = ctx;

	t->zmem = sim_config_has_zmem(r->config);
	header(t);
	return out_status(&t->out);
}

static int timeline_sample(void *ctx, const struct rec_sample *r)
{
	struct timeline *t = ctx;
	struct out *o = &t->out;

	header(t);
	out_seconds(o, r->t_ns);
	for (size_t i = 0; i < MI_COUNT; i++)
		field(o, r->meminfo_kB[i]);
	for (size_t i = 0; i < VMSTAT_COUNT; i++)
		field(o, r->vmstat[i]);
	psi(o, &r->psi_memory);
	psi(o, &r->psi_io);
	psi(o, &r->psi_cpu);
	field(o, r->wmark_min_kB);
	field(o, r->wmark_low_kB);
	field(o, r->wmark_high_kB);
	field(o, r->watermark_boost_kB);
	for (size_t i = 0; i < CPU_STAT_COUNT; i++)
		field(o, r->cpu_ns[i] / NS_PER_US);
	field(o, r->acct.fault_ns / NS_PER_US);
	field(o, r->acct.refault_ns / NS_PER_US);
	percent(o, thrashing_index(&r->acct, &t->before));
	t->before = r->acct;
	for (size_t i = 0; t->zmem && i < ZMEM_COUNT; i++)
		field(o, r->zmem[i]);
	out_char(o, '\n');
	return out_status(o);
}

static int timeline_close(void *state, const struct sink_env *env)
{
	struct timeline *t = state;

	(void)env;
	header(t);
	return out_close(&t->out);
}

static void timeline_release(void *state)
{
	struct timeline *t = state;

	out_drop(&t->out);
}

const struct sink_format sink_timeline = {
	.name = "timeline.csv",
	.state_size = sizeof(struct timeline),
	.open = timeline_open,
	.cb = { .begin = timeline_begin, .sample = timeline_sample },
	.close = timeline_close,
	.release = timeline_release,
};
