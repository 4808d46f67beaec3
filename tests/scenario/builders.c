/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every key reaches its field, and what is not said has the default that LANGUAGE.md promises. */
#include <criterion/criterion.h>
#include <string.h>

#include "sim/world/model.h"
#include "sim/world/record.h"
#include "tests/scenario/load.h"

#define MINIMAL "duration: 60s\nprocesses: [{name: p, workload: [sleep: forever]}]\n"

Test(builders, defaults)
{
	struct sim_config c = load_text(MINIMAL, NULL);
	struct sim_config d;

	sim_config_init(&d);
	cr_expect_str_eq(c.name, "test");
	cr_expect_null(c.description);
	cr_expect_eq(c.seed, 1);
	cr_expect_str_eq(c.kernel->info.name, "k6.1");
	cr_expect_eq(c.horizon, 60 * NS_PER_SEC);
	cr_expect_eq(c.sample, 100 * NS_PER_MS);
	cr_expect(c.stop_when_idle);
	cr_expect_not(c.per_access);
	cr_expect_not(c.expect.present);
	cr_expect_eq(c.expect.first_kill_before, SIM_NEVER);
	cr_expect_eq(memcmp(&c.sysctl, &d.sysctl, sizeof(c.sysctl)), 0);
	cr_expect_eq(c.sysctl.swappiness, 60);
	cr_expect_eq(c.sysctl.min_free_kbytes, SIM_AUTO);
	cr_expect_eq(memcmp(&c.machine.cost, &d.machine.cost, sizeof(c.machine.cost)), 0);
	cr_expect_eq(c.machine.cost.touch, 4);
	cr_expect_eq(c.machine.memory, GIB);
	cr_expect_eq(c.machine.page_size, 4096);
	cr_expect_eq(c.machine.ncpu, 1);
	cr_expect_eq(c.machine.hz, 250);
	cr_expect_eq(c.machine.slab_reclaimable, 2304);
	cr_expect_eq(c.machine.nnode, 1);
	cr_expect_eq(c.machine.node[0].zone[1].managed, 245317); /* recordings/idle/6.1-ram1024 */
	cr_expect_eq(c.machine.node[0].zone[1].free, SIM_AUTO);
	sim_config_free(&c);
}

Test(builders, top)
{
	struct sim_config c =
		load_text("name: n\ndescription: |\n  two\n  lines\nseed: 18446744073709551615\nkernel: 6.1\n"
			  "duration: 2min\nsample: 50ms\nstop_when_idle: false\nmode: per-access\n"
			  "sysctl: {vm.swappiness: 10, vm.page-cluster: 0, vm.dirty_bytes: 8192}\n"
			  "processes: [{name: p, workload: [sleep: forever]}]\n",
			  NULL);

	cr_expect_str_eq(c.name, "n");
	cr_expect_str_eq(c.description, "two\nlines\n");
	cr_expect_eq(c.seed, UINT64_MAX);
	cr_expect_str_eq(c.kernel->info.name, "k6.1");
	cr_expect_eq(c.horizon, 120 * NS_PER_SEC);
	cr_expect_eq(c.sample, 50 * NS_PER_MS);
	cr_expect_not(c.stop_when_idle);
	cr_expect(c.per_access);
	cr_expect_eq(c.sysctl.swappiness, 10);
	cr_expect_eq(c.sysctl.page_cluster, 0);
	cr_expect_eq(c.sysctl.dirty_bytes, 8192);
	sim_config_free(&c);
}

static struct lru_gen_cfg lru_gen(const char *value)
{
	char text[256];
	struct sim_config c;
	struct lru_gen_cfg ret;

	snprintf(text, sizeof(text), "duration: 60s\n%s\nprocesses: [{name: p, workload: [sleep: forever]}]\n", value);
	c = load_text(text, NULL);
	ret = c.lru_gen;
	sim_config_free(&c);
	return ret;
}

Test(builders, lru_gen)
{
	cr_expect_eq(lru_gen("").enabled, SIM_AUTO);
	cr_expect_eq(lru_gen("").min_ttl_ms, 0);
	cr_expect_eq(lru_gen("lru_gen: {enabled: true, min_ttl_ms: 1000}").enabled, 7);
	cr_expect_eq(lru_gen("lru_gen: {enabled: true, min_ttl_ms: 1000}").min_ttl_ms, 1000);
	cr_expect_eq(lru_gen("lru_gen: {enabled: n}").enabled, 0);
	cr_expect_eq(lru_gen("lru_gen: {enabled: false}").enabled, 0);
	cr_expect_eq(lru_gen("lru_gen: {enabled: y}").enabled, 7);
	cr_expect_eq(lru_gen("lru_gen: {enabled: 0x0005}").enabled, 5);
	cr_expect_eq(lru_gen("lru_gen: {enabled: 1}").enabled, 1);
}

static const char machine_text[] =
	"duration: 60s\n"
	"machine:\n"
	"  cpus: 4\n"
	"  memory: 256MiB\n"
	"  hz: 1000\n"
	"  release: 6.1.0-50-cloud-amd64\n"
	"  hardware: QEMU Standard PC\n"
	"  costs: {touch: 7ns, scan_page: 300ns, oom_report: 2ms}\n"
	"  kernel_memory: {slab_reclaimable: 9MiB, slab_unreclaimable: 6MiB, kernel_stack: 752KiB, pagetables: "
	"300001,\n"
	"                  unevictable: 1%, per_process_stack: 32KiB, per_process_slab: 1KiB}\n"
	"  nodes:\n"
	"    - DMA:    {present: 3998pages, managed: 3840pages, free: 3808pages, pcp_high: 41, pcp_batch: 1}\n"
	"      DMA32:  {present: 30000pages, managed: 29000pages}\n"
	"    - Normal: {present: 30000pages, managed: 29000pages, free: 0}\n"
	"  swap:\n"
	"    - {size: 128MiB, priority: 5, device: ssd-sata, name: fast}\n"
	"    - {size: 200%, device: {preset: hdd-7200, seek: 1ms}}\n"
	"  disks:\n"
	"    - {name: data, device: {read_latency: 1us, write_latency: 2us, read_bandwidth: 3MB/s, write_bandwidth: "
	"4MB/s,\n"
	"                            queue_depth: 5, nr_requests: 6, max_request: 7KiB, seek: 8us, throttle_tick: 9ms, "
	"rotational: true}}\n"
	"    - {name: bare, device: {}}\n"
	"  files:\n"
	"    - {name: f, disk: bare, size: 128MiB}\n"
	"processes: [{name: p, workload: [sleep: forever]}]\n";

Test(builders, machine)
{
	struct sim_config c = load_text(machine_text, NULL);
	const struct machine_cfg *m = &c.machine;

	cr_expect_eq(m->ncpu, 4);
	cr_expect_eq(m->hz, 1000);
	cr_expect_str_eq(m->release, "6.1.0-50-cloud-amd64");
	cr_expect_str_eq(m->hardware, "QEMU Standard PC");
	cr_expect_eq(m->cost.touch, 7);
	cr_expect_eq(m->cost.scan_page, 300);
	cr_expect_eq(m->cost.oom_report, 2 * NS_PER_MS);
	cr_expect_eq(m->cost.fork_call, 60000);
	cr_expect_eq(m->slab_reclaimable, 2304);
	cr_expect_eq(m->slab_unreclaimable, 1536);
	cr_expect_eq(m->kernel_stack, 188);
	cr_expect_eq(m->pagetables, 74);   /* rounded up */
	cr_expect_eq(m->unevictable, 656); /* 655.36 */
	cr_expect_eq(m->process_kernel_stack, 32 * KIB);
	cr_expect_eq(m->process_slab, KIB);
	cr_expect_eq(m->nnode, 2);
	cr_expect_eq(m->node[0].zone[0].present, 3998);
	cr_expect_eq(m->node[0].zone[0].managed, 3840);
	cr_expect_eq(m->node[0].zone[0].free, 3808);
	cr_expect_eq(m->node[0].zone[0].pcp_high, 41);
	cr_expect_eq(m->node[0].zone[0].pcp_batch, 1);
	cr_expect_eq(m->node[0].zone[1].managed, 29000);
	cr_expect_eq(m->node[0].zone[1].free, SIM_AUTO);
	cr_expect_eq(m->node[0].zone[1].pcp_high, SIM_AUTO);
	cr_expect_eq(m->node[0].zone[2].present, 0);
	cr_expect_eq(m->node[1].zone[1].present, 0);
	cr_expect_eq(m->node[1].zone[2].free, 0);
	sim_config_free(&c);
}

Test(builders, devices)
{
	struct sim_config c = load_text(machine_text, NULL);
	const struct machine_cfg *m = &c.machine;
	const struct blkdev_cfg *d;

	cr_assert_eq(m->nswap, 2);
	cr_expect_str_eq(m->swap[0].dev.name, "fast");
	cr_expect_eq(m->swap[0].size, 128 * MIB);
	cr_expect_eq(m->swap[0].priority, 5);
	cr_expect_eq(m->swap[0].dev.read_latency, 110 * NS_PER_US);
	cr_expect_str_eq(m->swap[1].dev.name, "swap1");
	cr_expect_eq(m->swap[1].size, 512 * MIB);
	cr_expect_eq(m->swap[1].priority, SIM_AUTO);
	cr_expect_eq(m->swap[1].dev.seek, NS_PER_MS);
	cr_expect(m->swap[1].dev.rotational);
	cr_assert_eq(m->ndisk, 2);
	d = &m->disk[0];
	cr_expect_str_eq(d->name, "data");
	cr_expect_eq(d->read_latency, 1000);
	cr_expect_eq(d->write_latency, 2000);
	cr_expect_eq(d->read_bandwidth, 3000000);
	cr_expect_eq(d->write_bandwidth, 4000000);
	cr_expect_eq(d->queue_depth, 5);
	cr_expect_eq(d->nr_requests, 6);
	cr_expect_eq(d->max_sectors_kb, 7);
	cr_expect_eq(d->seek, 8000);
	cr_expect_eq(d->throttle_tick, 9 * NS_PER_MS);
	cr_expect(d->rotational);
	d = &m->disk[1];
	cr_expect_eq(d->read_latency, 100 * NS_PER_US);
	cr_expect_eq(d->read_bandwidth, 0);
	cr_expect_eq(d->queue_depth, 64);
	cr_expect_eq(d->nr_requests, 128);
	cr_expect_eq(d->max_sectors_kb, 1280);
	cr_expect_not(d->rotational);
	cr_assert_eq(m->nfile, 1);
	cr_expect_str_eq(m->file[0].name, "f");
	cr_expect_eq(m->file[0].disk, 1);
	cr_expect_eq(m->file[0].size, 128 * MIB);
	sim_config_free(&c);
}

Test(builders, memory_from_nodes_and_nodes_from_memory)
{
	struct sim_config c =
		load_text("duration: 1s\nmachine: {nodes: [{DMA32: {present: 60000pages, managed: 50000pages}}],"
			  " swap: [{size: 50%, device: nvme}]}\nprocesses: [{name: p, workload: [sleep: forever]}]\n",
			  NULL);

	cr_expect_eq(c.machine.memory, 60000 * 4096);
	cr_expect_eq(c.machine.swap[0].size, 30000 * 4096);
	sim_config_free(&c);
	c = load_text("duration: 1s\nmachine: {memory: 64GiB, nodes: 2}\nprocesses: [{name: p, workload: [sleep: "
		      "forever]}]\n",
		      NULL);
	cr_expect_eq(c.machine.nnode, 2);
	cr_expect_eq(c.machine.node[1].zone[0].present, 0);
	cr_expect_eq(c.machine.node[1].zone[2].present, 32 * GIB / 4096);
	sim_config_free(&c);
}

Test(builders, larger_pages)
{
	struct sim_config c = load_text(
		"duration: 1s\nmachine: {memory: 1GiB, page_size: 64KiB, kernel_memory: {pagetables: 1page}}\n"
		"processes: [{name: p, workload: [sleep: forever]}]\n",
		NULL);

	cr_expect_eq(c.machine.page_size, 65536);
	cr_expect_eq(c.machine.slab_reclaimable, 144);
	cr_expect_eq(c.machine.pagetables, 1);
	cr_expect_eq(c.machine.node[0].zone[1].present, 258016 / 16);
	sim_config_free(&c);
}

Test(builders, process_defaults)
{
	struct sim_config c = load_text(MINIMAL, NULL);
	const struct process_cfg *p = c.process;

	cr_assert_eq(c.nprocess, 1);
	cr_expect_str_eq(p->comm, "p");
	cr_expect_eq(p->count, 1);
	cr_expect_eq(p->uid, 1000);
	cr_expect_eq(p->capabilities, 0);
	cr_expect_eq(p->nice, 0);
	cr_expect_eq(p->rt_priority, 0);
	cr_expect_eq(p->oom_score_adj, 0);
	cr_expect_eq(p->threads, 1);
	cr_expect_eq(p->parent, -1);
	cr_expect_eq(p->start.kind, SIM_DIST_CONSTANT);
	cr_expect_eq(p->start.p[0], 0);
	cr_expect_not(p->is_init);
	cr_expect_eq(p->exe_size, 764 * KIB);
	cr_expect_eq(p->exe_private, 56 * KIB);
	cr_expect_eq(p->exe_vm, 16 * MIB);
	sim_config_free(&c);
}

Test(builders, processes)
{
	struct sim_config c =
		load_text("duration: 60s\nprocesses:\n"
			  "- {name: child, parent: db, uid: 0, workload: [sleep: forever]}\n"
			  "- {name: db, count: 3, uid: 7, capabilities: [CAP_SYS_RAWIO, CAP_IPC_LOCK], nice: -5,\n"
			  "   sched: {policy: fifo, priority: 50}, oom_score_adj: -500, threads: 8, start: 500ms,\n"
			  "   exe: {size: 1MiB, private: 2MiB, vm: 30MiB}, workload: [sleep: forever]}\n"
			  "- {name: systemd, init: true, workload: [sleep: forever]}\n"
			  "- {name: orphan, parent: systemd, sched: {policy: other}, start: {distribution: uniform, "
			  "min: 1s, max: 2s},\n"
			  "   capabilities: [], uid: 0, workload: [sleep: forever]}\n",
			  NULL);
	const struct process_cfg *p = c.process;

	cr_assert_eq(c.nprocess, 4);
	cr_expect_eq(p[0].parent, 1);
	cr_expect_eq(p[0].uid, 0);
	cr_expect_eq(p[0].capabilities, 15);
	cr_expect_eq(p[1].count, 3);
	cr_expect_eq(p[1].uid, 7);
	cr_expect_eq(p[1].capabilities, CAP_SYS_RAWIO_BIT | CAP_IPC_LOCK_BIT);
	cr_expect_eq(p[1].nice, -5);
	cr_expect_eq(p[1].rt_priority, 50);
	cr_expect_eq(p[1].oom_score_adj, -500);
	cr_expect_eq(p[1].threads, 8);
	cr_expect_eq(p[1].start.p[0], 5e8);
	cr_expect_eq(p[1].exe_size, MIB);
	cr_expect_eq(p[1].exe_private, 2 * MIB);
	cr_expect_eq(p[1].exe_vm, 30 * MIB);
	cr_expect(p[2].is_init);
	cr_expect_eq(p[2].uid, 0);
	cr_expect_eq(p[2].capabilities, 15);
	cr_expect_eq(p[3].parent, -1); /* a child of init, by its name */
	cr_expect_eq(p[3].capabilities, 0);
	cr_expect_eq(p[3].start.kind, SIM_DIST_UNIFORM);
	cr_expect_eq(p[3].start.p[1], 2e9);
	sim_config_free(&c);
}

Test(builders, expect)
{
	struct sim_config c =
		load_text("duration: 60s\nprocesses:\n"
			  "- {name: leak, count: 2, workload: [sleep: forever]}\n"
			  "- {name: web, workload: [{fork: {count: 9, steps: [sleep: forever]}},\n"
			  "                         {fork: {comm: job, steps: [sleep: forever]}}, wait]}\n"
			  "expect:\n"
			  "  victims: [leak, {name: leak.1, after: 3s, before: 9s}, job, web.7]\n"
			  "  not_killed: [web]\n"
			  "  first_kill: {after: 2s, before: 10s}\n"
			  "  ended: panic\n",
			  NULL);
	const struct expect_cfg *e = &c.expect;

	cr_expect(e->present);
	cr_expect(e->has_victims);
	cr_assert_eq(e->nvictim, 4);
	cr_expect_str_eq(e->victim[0].comm, "leak");
	cr_expect_eq(e->victim[0].after, 0);
	cr_expect_eq(e->victim[0].before, SIM_NEVER);
	cr_expect_str_eq(e->victim[1].comm, "leak.1");
	cr_expect_eq(e->victim[1].after, 3 * NS_PER_SEC);
	cr_expect_eq(e->victim[1].before, 9 * NS_PER_SEC);
	cr_assert_eq(e->nnot_killed, 1);
	cr_expect_str_eq(e->not_killed[0], "web");
	cr_expect_eq(e->first_kill_after, 2 * NS_PER_SEC);
	cr_expect_eq(e->first_kill_before, 10 * NS_PER_SEC);
	cr_expect(e->has_ended);
	cr_expect_eq(e->ended, RUN_PANIC);
	sim_config_free(&c);
}

Test(builders, expect_nobody)
{
	struct sim_config c = load_text(MINIMAL "expect: {victims: [], ended: horizon}\n", NULL);

	cr_expect(c.expect.has_victims);
	cr_expect_eq(c.expect.nvictim, 0);
	cr_expect_eq(c.expect.ended, RUN_HORIZON);
	cr_expect_eq(c.expect.first_kill_after, 0);
	sim_config_free(&c);
}

Test(builders, host_bytes)
{
	struct sim_config c = load_text(MINIMAL, NULL);
	uint64_t frames = 3840 + 245317, base = MIB + frames * 20 + frames * 4 + 2 * 80 * KIB;

	cr_expect_eq(sim_config_host_bytes(&c), base);
	c.process[0].count = 10;
	cr_expect_eq(sim_config_host_bytes(&c), base + 9 * 80 * KIB);
	c.process[0].count = UINT64_MAX;
	cr_expect_leq(sim_config_host_bytes(&c), base + (UINT64_C(1) << 22) * 80 * KIB);
	c.machine.node[0].zone[2].managed = UINT64_MAX;
	cr_expect_eq(sim_config_host_bytes(&c), UINT64_MAX);
	sim_config_free(&c);
}

Test(builders, host_bytes_of_swap_files_and_children)
{
	struct sim_config c =
		load_text("duration: 1s\nmachine: {memory: 256MiB, swap: [{size: 128MiB, device: nvme}],\n"
			  "  disks: [{name: d, device: nvme}], files: [{name: f, size: 4MiB}]}\n"
			  "processes: [{name: p, threads: 2, workload: [{loop: {count: 3, steps: [{fork: {count: 5, "
			  "steps: [exit: 0]}}]}}]}]\n",
			  NULL);
	uint64_t frames = 3840 + 52069, slots = 32768;

	cr_expect_eq(sim_config_host_bytes(&c),
		     MIB + frames * 24 + (frames + slots) * 4 + slots * 3 + 1025 * 4 + (1 + 2 + 15) * 80 * KIB);
	sim_config_free(&c);
}

Test(builders, zones_of_recorded_machines)
{
	static const struct {
		uint64_t mib, present, managed; /* of DMA32, recordings/idle, k6.1 */
	} rows[] = { { 128, 28640, 19861 },
		     { 256, 61408, 52069 },
		     { 512, 126944, 116485 },
		     { 1024, 258016, 245317 },
		     { 2048, 520160, 502981 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sim_config c;

		sim_config_init(&c);
		c.machine.memory = rows[i].mib * MIB;
		sim_config_zones_from_memory(&c);
		cr_expect_eq(c.machine.node[0].zone[0].present, 3998);
		cr_expect_eq(c.machine.node[0].zone[0].managed, 3840);
		cr_expect_eq(c.machine.node[0].zone[1].present, rows[i].present);
		cr_expect_eq(c.machine.node[0].zone[1].managed, rows[i].managed);
		cr_expect_eq(c.machine.node[0].zone[2].present, 0);
		sim_config_free(&c);
	}
}

Test(builders, zones_of_large_machines_and_zones_kept)
{
	struct sim_config c;

	sim_config_init(&c);
	c.machine.memory = 8 * GIB;
	c.machine.node[0].zone[0].present = 77;
	sim_config_zones_from_memory(&c);
	cr_expect_eq(c.machine.node[0].zone[0].present, 77);
	cr_expect_eq(c.machine.node[0].zone[0].managed, 0);
	cr_expect_eq(c.machine.node[0].zone[1].present, (3 * GIB - 16 * MIB) / 4096 - 32);
	cr_expect_eq(c.machine.node[0].zone[2].present, 5 * GIB / 4096);
	cr_expect_lt(c.machine.node[0].zone[2].managed, c.machine.node[0].zone[2].present);
	sim_config_free(&c);
	sim_config_free(&c); /* twice is fine */
}
