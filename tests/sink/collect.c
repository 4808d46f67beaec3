/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the collector keeps, and that no field of any record can change without the digest changing. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/core/diag.h"
#include "sim/sink/collect.h"
#include "sim/sink/plotdata.h"
#include "sim/sink/recdigest.h"
#include "tests/sink/fixture.h"

Test(sink_collect, leak)
{
	struct collect c;
	struct recorder rec;

	collect_init(&c);
	rec = collect_recorder(&c);
	cr_assert_eq(fixture_leak(&rec, 200), 0);
	cr_assert_str_eq(c.scenario, "leak");
	cr_assert_str_eq(c.kernel, "k6.1");
	cr_assert_str_eq(c.release, "6.1.0-50-cloud-amd64");
	cr_assert(c.finished && c.ended == RUN_HORIZON && c.end_ns == 20 * NS_PER_SEC);
	cr_assert_eq(c.nkill, 2);
	cr_assert_str_eq(c.kill[0].k.comm, "leak");
	cr_assert_str_eq(c.kill[1].k.by, "earlyoom");
	cr_assert_eq(c.kill[0].freed_ns - c.kill[0].k.t_ns, 90 * NS_PER_MS);
	cr_assert_eq(c.kill[0].freed_kB, 310000);
	cr_assert_eq(c.kill[1].freed_ns, SIM_NEVER);
	cr_assert_eq(c.kill[1].exit_ns - c.kill[1].k.t_ns, 40 * NS_PER_MS);
	cr_assert_eq(c.nexit, 2);
	cr_assert_eq(c.exit[0].signal, 9);
	cr_assert_eq(c.first.kswapd_wake_ns, UINT64_C(6400) * NS_PER_MS);
	cr_assert_eq(c.first.kswapd_wake_free_pages, 562);
	cr_assert_eq(c.first.direct_reclaim_ns, UINT64_C(7100) * NS_PER_MS);
	cr_assert_eq(c.first.swap_out_ns, UINT64_C(7800) * NS_PER_MS);
	cr_assert_eq(c.first.dirty_throttle_ns, SIM_NEVER);
	cr_assert_eq(c.events[EV_DIRECT_RECLAIM], 2);
	cr_assert_eq(c.max_direct_stall_us, 250000);
	cr_assert_eq(c.peak_swap_used_kB, 122000);
	cr_assert_eq(c.nsample, 201);
	collect_free(&c);
	collect_free(&c);
}

/* The best of the table first; of equals the one that the kernel's tie rule prefers; the ineligible not at all. */
Test(sink_collect, ranking)
{
	struct rec_oom_task t[8] = { { 0 } };
	struct rec_oom_report r = { .task = t, .ntask = 8, .has_victim = true, .panic = -1 };
	static const int points[8] = { 5, 9, 1, 9, 7, 3, 9, 8 };
	static const int want[COLLECT_TOP] = { 106, 103, 101, 107, 104 };
	struct collect c;
	struct recorder rec;

	for (int i = 0; i < 8; i++)
		t[i] = (struct rec_oom_task){ .pid = 100 + i, .points = points[i], .eligible = true };
	collect_init(&c);
	c.tie = TIE_TAKE_LAST;
	rec = collect_recorder(&c);
	cr_assert_eq(rec.oom(rec.ctx, &r), 0);
	cr_assert_eq(c.oom[0].ntop, COLLECT_TOP);
	cr_assert_eq(c.oom[0].ncandidates, 8);
	for (int i = 0; i < COLLECT_TOP; i++)
		cr_assert_eq(c.oom[0].top[i].pid, want[i]);
	c.tie = TIE_KEEP_FIRST;
	t[6].eligible = false;
	cr_assert_eq(rec.oom(rec.ctx, &r), 0);
	cr_assert_eq(c.oom[1].top[0].pid, 101);
	cr_assert_eq(c.oom[1].top[1].pid, 103);
	cr_assert_eq(c.oom[1].ncandidates, 7);
	collect_free(&c);
}

/* The zone test of should_reclaim_retry() in kB: a movable request is held off by lowmem_reserve[3]. */
Test(sink_collect, zones)
{
	struct rec_oom_zone z = { .name = "DMA",
				  .free = 344,
				  .min = 20,
				  .active_file = 5,
				  .inactive_file = 6,
				  .inactive_anon = 100,
				  .lowmem_reserve = { 0, 300, 330, 331, 331 } };
	struct rec_oom_report r = { .zone = &z, .nzone = 1, .gfp_mask = 0x140dca, .panic = -1 };
	struct collect c;
	struct recorder rec;

	collect_init(&c);
	rec = collect_recorder(&c);
	rec.oom(rec.ctx, &r);
	r.gfp_mask = 0xcc0;
	r.free_swap_kB = 4;
	rec.oom(rec.ctx, &r);
	cr_assert_eq(c.oom[0].zone[0].free_kB, 1376);
	cr_assert_eq(c.oom[0].zone[0].reserve_kB, 1324);
	cr_assert_eq(c.oom[0].zone[0].reclaimable_kB, 44);
	cr_assert_eq(c.oom[1].zone[0].reserve_kB, 1320);
	cr_assert_eq(c.oom[1].zone[0].reclaimable_kB, 444);
	collect_free(&c);
}

static void hex_of(struct digest d, char hex[33])
{
	digest_hex(&d, hex);
}

/* Change one byte after another of a record: wherever a field lies the digest must move; padding and pointers aside. */
#define SENSITIVE(type, digest_it, skip)                                                                               \
	do {                                                                                                           \
		struct type r;                                                                                         \
		struct digest d0 = DIGEST_INIT;                                                                        \
		char h0[33];                                                                                           \
                                                                                                                       \
		memset(&r, 0, sizeof(r));                                                                              \
		digest_it(&d0, &r);                                                                                    \
		hex_of(d0, h0);                                                                                        \
		for (size_t i = 0; i < sizeof(r); i++) {                                                               \
			struct digest d = DIGEST_INIT;                                                                 \
			char h[33];                                                                                    \
                                                                                                                       \
			if (skip)                                                                                      \
				continue;                                                                              \
			((unsigned char *)&r)[i] = 1;                                                                  \
			digest_it(&d, &r);                                                                             \
			hex_of(d, h);                                                                                  \
			cr_assert_str_neq(h, h0, #type " byte %zu", i);                                                \
			((unsigned char *)&r)[i] = 0;                                                                  \
		}                                                                                                      \
	} while (0)

#define IN(type, a, b)  (i >= offsetof(struct type, a) && i < offsetof(struct type, b))
#define COMM_TAIL(type) (i > offsetof(struct type, comm) && i < offsetof(struct type, comm) + SIM_COMM_LEN)

/* Between avg300 and total_us. */
#define PSI_PADDING                                                                                                    \
	(IN(rec_sample, psi_memory, wmark_min_kB) && (i - offsetof(struct rec_sample, psi_memory)) % 24 / 4 == 3)

/* Accounts follow from what is digested (record.h); goldens of summary.json hold them. */
#define ACCOUNTS(type, first) (i >= offsetof(struct type, first))

Test(sink_digest, every_field)
{
	SENSITIVE(rec_sample, recdigest_sample, PSI_PADDING || ACCOUNTS(rec_sample, cpu_ns));
	SENSITIVE(rec_event, recdigest_event, COMM_TAIL(rec_event) || IN(rec_event, comm, arg));
	SENSITIVE(rec_task, recdigest_task,
		  COMM_TAIL(rec_task) || (i > offsetof(struct rec_task, state) && i < offsetof(struct rec_task, uid)) ||
			  (i >= offsetof(struct rec_task, uid) + 4 && i < offsetof(struct rec_task, VmSize_kB)) ||
			  ACCOUNTS(rec_task, acct));
}

Test(sink_digest, order_and_kind_matter)
{
	struct rec_event a = { .kind = EV_START, .pid = 1 }, b = { .kind = EV_EXIT, .pid = 1 };
	struct digest x = DIGEST_INIT, y = DIGEST_INIT;
	char hx[33], hy[33];

	recdigest_event(&x, &a), recdigest_event(&x, &b);
	recdigest_event(&y, &b), recdigest_event(&y, &a);
	hex_of(x, hx), hex_of(y, hy);
	cr_assert_str_neq(hx, hy);
}

Test(sink_digest, same_stream_same_digest)
{
	char hex[2][33];

	for (int i = 0; i < 2; i++) {
		struct collect c;
		struct recorder rec;

		collect_init(&c);
		rec = collect_recorder(&c);
		cr_assert_eq(fixture_leak(&rec, 50), 0);
		collect_digest_hex(&c, hex[i]);
		collect_free(&c);
	}
	cr_assert_str_eq(hex[0], hex[1]);
}

/* However many samples: a bounded number of rows, evenly spaced, the first and the last among them. */
Test(sink_plotdata, thinning)
{
	for (unsigned n = 1; n < 40000; n = n * 3 + 1) {
		struct plot_data d = { 0 };
		struct rec_sample s = { 0 };
		struct rec_task t = { .pid = 5, .RssAnon_kB = 10 };

		for (unsigned i = 0; i < n; i++) {
			s.t_ns = i;
			cr_assert_eq(plot_data_sample(&d, &s), SIM_OK);
			cr_assert_eq(plot_data_task(&d, &t), SIM_OK);
		}
		cr_assert_eq(plot_data_end(&d), SIM_OK);
		cr_assert_leq(d.n, PLOT_ROWS);
		cr_assert_geq(d.n, n < PLOT_ROWS ? n : PLOT_ROWS / 2);
		cr_assert_eq(d.row[0].t_ns, 0);
		cr_assert_eq(d.row[d.n - 1].t_ns, n - 1);
		for (size_t i = 1; i + 1 < d.n; i++)
			cr_assert_eq(d.row[i].t_ns, i * d.stride);
		plot_data_free(&d);
	}
}

Test(sink_plotdata, top_processes)
{
	struct plot_data d = { 0 };
	struct rec_sample s = { 0 };
	struct plot_top top[3];

	for (unsigned i = 0; i < 4; i++) {
		s.t_ns = i;
		plot_data_sample(&d, &s);
		for (int32_t pid = 1; pid <= 200; pid++)
			plot_data_task(&d,
				       &(struct rec_task){ .pid = pid,
							   .RssAnon_kB = (uint64_t)(pid == 7 && i == 1 ? 900 : pid) });
	}
	plot_data_end(&d);
	cr_assert_eq(plot_data_top(&d, top, 3), 3);
	cr_assert(top[0].pid == 7 && top[0].peak_kB == 900);
	cr_assert(top[1].pid == 200 && top[2].pid == 199);
	cr_assert_eq(d.row[0].rss_kB, 200 * 201 / 2);
	cr_assert_eq(d.row[0].ntask, PLOT_TASKS);
	plot_data_free(&d);
	cr_assert_eq(plot_data_top(&d, top, 3), 0);
}

/* Every table of names is full. */
Test(record, tables)
{
	for (size_t i = 0; i < MI_COUNT; i++)
		cr_assert(meminfo_name[i] && meminfo_name[i][0]);
	for (size_t i = 0; i < VMSTAT_COUNT; i++)
		cr_assert(vmstat_name[i] && vmstat_name[i][0]);
	for (size_t i = 0; i < EV_KIND_COUNT; i++)
		cr_assert(event_schema[i].name);
	cr_assert_str_eq(meminfo_name[MI_Active_anon], "Active(anon)");
	cr_assert_str_eq(meminfo_name[MI_Committed_AS], "Committed_AS");
	cr_assert_str_eq(vmstat_name[VMSTAT_pswpin], "pswpin");
	cr_assert_str_eq(run_end_name[RUN_PANIC], "panic");
	cr_assert_str_eq(event_schema[EV_OOM_REAPED].field[2], "shmem_rss_kB");
}
