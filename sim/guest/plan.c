/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine and the processes of a plan; plan_steps.c has what they do. */
#include "sim/guest/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/guest/region.h"
#include "sim/proc/steps.h"

#define SAMPLE_LEAST  (50 * NS_PER_MS)    /* a sample costs the guest some 0.5 ms */
#define THROTTLE_TICK (20 * NS_PER_MS)    /* null_blk's TICKS_PER_SEC 50 (drivers/block/null_blk/main.c) */
#define DISK_SPARE    (16 * MIB)          /* ext4's journal and tables */
#define KERNEL_PAGE   4096
#define EXE_SIZE      (764 * KIB)         /* a scenario's defaults (sim/scenario/build_processes.c) */
#define EXE_PRIVATE   (56 * KIB)

void plan_note(struct guest_plan *p, const char *fmt, ...)
{
	char line[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	strbuf_puts(&p->notes, line);
	strbuf_puts(&p->notes, "\n");
}

static void put_word(struct guest_plan *p, const char *text)
{
	for (; *text; text++)
		if (*text > ' ' && *text < 127 && *text != '%')
			strbuf_add(&p->text, text, 1);
		else
			strbuf_addf(&p->text, "%%%02X", (unsigned char)*text);
}

void plan_text(struct guest_plan *p, const char *key, const char *text)
{
	strbuf_addf(&p->text, " %s=", key);
	put_word(p, text);
}

/* ---- settings ---- */

static void set_line(struct guest_plan *p, const char *path, int64_t value)
{
	strbuf_puts(&p->text, "set ");
	put_word(p, path);
	if (value == CGROUP_UNLIMITED)
		strbuf_puts(&p->text, " max\n");
	else
		strbuf_addf(&p->text, " %lld\n", (long long)value);
}

/* Only what is not the default: writing a ratio resets its *_bytes twin, and the other way round. */
static void sysctls(struct guest_plan *p, const struct sim_config *cfg)
{
#define X(name, def, min, max, unit, help)                                                                             \
	if (cfg->sysctl.name != (def) && cfg->sysctl.name != SIM_AUTO)                                                 \
		set_line(p, !strcmp(#name, "page_cluster") ? "/proc/sys/vm/page-cluster" : "/proc/sys/vm/" #name,      \
			 cfg->sysctl.name);
	SYSCTL_MAP(X)
#undef X
	if (cfg->lru_gen.enabled != SIM_AUTO)
		set_line(p, "/sys/kernel/mm/lru_gen/enabled", cfg->lru_gen.enabled);
	if (cfg->lru_gen.min_ttl_ms)
		set_line(p, "/sys/kernel/mm/lru_gen/min_ttl_ms", cfg->lru_gen.min_ttl_ms);
}

static void cgroups(struct guest_plan *p, const struct sim_config *cfg)
{
	char path[CGROUP_PATH_LEN + 80];

	for (size_t i = 0; i < cfg->ncgroup; i++) {
		strbuf_puts(&p->text, "group ");
		put_word(p, cfg->cgroup[i].path + 1);
		strbuf_puts(&p->text, "\n");
		for (int f = 0; f < CGF_COUNT; f++) {
			if (cfg->cgroup[i].value[f] == SIM_AUTO)
				continue;
			if (!plan_cgroup_file((enum cgroup_file)f)) {
				plan_note(p, "cgroup %s: %s is not written", cfg->cgroup[i].path + 1, cgroup_file_desc[f].name);
				continue;
			}
			plan_cgroup_path(cfg, (uint32_t)i + 1, (enum cgroup_file)f, path, sizeof(path));
			set_line(p, path, cfg->cgroup[i].value[f]);
		}
	}
}

bool plan_cgroup_file(enum cgroup_file file)
{
	enum cgroup_value v = cgroup_file_desc[file].value;

	return v == CG_BYTES || v == CG_FLAG || v == CG_ACTION;
}

void plan_cgroup_path(const struct sim_config *cfg, uint32_t cgroup, enum cgroup_file file, char *ret, size_t size)
{
	snprintf(ret, size, "/sys/fs/cgroup%s/%s", cgroup ? cfg->cgroup[cgroup - 1].path : "", cgroup_file_desc[file].name);
}

/* ---- devices ---- */

struct blkdev_cfg guest_device(const struct blkdev_cfg *d)
{
	uint64_t mib = (d->read_bandwidth + MIB / 2) / MIB;
	struct blkdev_cfg g = *d;

	g.write_latency = g.read_latency;
	g.read_bandwidth = d->read_bandwidth ? u64_max(mib, 1) * MIB : 0;
	g.write_bandwidth = g.read_bandwidth;
	g.throttle_tick = g.read_bandwidth ? THROTTLE_TICK : 0;
	g.seek = 0;
	g.rotational = false;
	return g;
}

static void device_notes(struct guest_plan *p, const struct blkdev_cfg *d, const char *what)
{
	if (d->write_latency != d->read_latency)
		plan_note(p, "%s: writes take as long as reads, %llu us instead of %llu", what,
			  (unsigned long long)(d->read_latency / NS_PER_US), (unsigned long long)(d->write_latency / NS_PER_US));
	if (d->write_bandwidth != d->read_bandwidth)
		plan_note(p, "%s: reads and writes share the bandwidth of reads", what);
	if (d->seek)
		plan_note(p, "%s: seeks take no time", what);
}

static void device_words(struct guest_plan *p, uint64_t mib, const struct blkdev_cfg *d)
{
	struct blkdev_cfg g = guest_device(d);

	strbuf_addf(&p->text, " mib=%llu latency=%llu mbps=%llu queue_depth=%u nr_requests=%u", (unsigned long long)mib,
		    (unsigned long long)g.read_latency, (unsigned long long)(g.read_bandwidth / MIB), g.queue_depth,
		    g.nr_requests);
	p->disks_mib += mib;
}

static void swaps(struct guest_plan *p, const struct machine_cfg *m)
{
	char what[SIM_NAME_LEN + 8];

	for (size_t i = 0; i < m->nswap; i++) {
		const struct swap_cfg *s = &m->swap[i];

		strbuf_addf(&p->text, "swap size=%llu", (unsigned long long)(s->size / KERNEL_PAGE * KERNEL_PAGE));
		device_words(p, (s->size + MIB - 1) / MIB, &s->dev);
		if (s->priority != SIM_AUTO && s->priority >= 0)
			strbuf_addf(&p->text, " priority=%lld", (long long)s->priority);
		else if (s->priority != SIM_AUTO)
			plan_note(p, "swap %s: swapon() takes no negative priority; the kernel gives -2, -3, ...", s->dev.name);
		strbuf_puts(&p->text, "\n");
		snprintf(what, sizeof(what), "swap %s", s->dev.name);
		device_notes(p, &s->dev, what);
	}
}

static void disks(struct guest_plan *p, const struct machine_cfg *m)
{
	char what[SIM_NAME_LEN + 8];

	for (size_t i = 0; i < m->ndisk && i < GUEST_MAX_DISKS; i++) {
		uint64_t bytes = DISK_SPARE;

		for (size_t f = 0; f < m->nfile; f++)
			if (m->file[f].disk == i)
				bytes += m->file[f].size + m->file[f].size / 50;
		p->disk_mib[p->ndisk++] = (bytes + MIB - 1) / MIB;
		strbuf_puts(&p->text, "disk");
		device_words(p, p->disk_mib[i], &m->disk[i]);
		strbuf_puts(&p->text, "\n");
		snprintf(what, sizeof(what), "disk %s", m->disk[i].name);
		device_notes(p, &m->disk[i], what);
	}
	for (size_t f = 0; f < m->nfile; f++)
		strbuf_addf(&p->text, "file disk=%u size=%llu\n", (unsigned)m->file[f].disk,
			    (unsigned long long)m->file[f].size);
}

/* ---- processes ---- */

static void restart_words(struct guest_plan *p, const struct restart_cfg *r)
{
	if (r->policy == RESTART_NEVER)
		return;
	strbuf_addf(&p->text, " restart=%d forget=%llu delays=", (int)r->policy, (unsigned long long)r->forget);
	for (int i = 0; i < RESTART_DELAYS; i++)
		strbuf_addf(&p->text, "%s%llu", i ? "," : "", (unsigned long long)r->delay[i]);
}

static void process(struct guest_plan *p, const struct sim_config *cfg, const struct process_cfg *c)
{
	int64_t parent = c->parent;

	if (parent >= 0 && cfg->process[parent].is_init)
		parent = -1;
	if (c->exe_size != EXE_SIZE || c->exe_private != EXE_PRIVATE || c->exe_commit)
		plan_note(p, "process %s: its `exe` is the guest's own program", c->comm);
	if (c->mempolicy.mode != MPOL_DEFAULT)
		plan_note(p, "process %s: no memory policy, there being one node", c->comm);
	strbuf_puts(&p->text, "process");
	plan_text(p, "comm", c->comm);
	strbuf_addf(&p->text, " uid=%u capabilities=%u nice=%d rt=%u oom_score_adj=%d threads=%u parent=%lld cgroup=%u", c->uid,
		    c->capabilities, c->nice, c->rt_priority, c->oom_score_adj, c->threads ? c->threads : 1, (long long)parent,
		    c->cgroup);
	restart_words(p, &c->restart);
	strbuf_puts(&p->text, "\n");
	plan_steps(p, cfg, &c->program, 1);
	strbuf_puts(&p->text, "end\n");
}

/* The starts are drawn here, from the streams that a simulation draws them from (sim/world/build.c). */
static bool instance(struct guest_plan *p, const struct sim_config *cfg, size_t i, uint64_t nth)
{
	const struct process_cfg *c = &cfg->process[i];
	char name[SIM_COMM_LEN + 40], comm[SIM_COMM_LEN];
	struct sim_rng *rng;

	snprintf(name, sizeof(name), "start:%s.%llu", c->comm, (unsigned long long)nth);
	rng = sim_rng_new(cfg->seed, name);
	if (!rng)
		return false;
	snprintf(comm, sizeof(comm), "%s", c->comm);
	if (nth)
		program_comm(comm, c->comm, SIM_COMM_LEN, nth);
	strbuf_addf(&p->text, "instance proc=%zu", i);
	plan_text(p, "comm", comm);
	strbuf_addf(&p->text, " at=%llu\n", (unsigned long long)sim_dist_draw(&c->start, rng));
	sim_rng_free(rng);
	return true;
}

/* PID 1 of the guest is the recorder; a scenario's own init becomes an entry without instances, so that numbers stay. */
static int processes(struct guest_plan *p, const struct sim_config *cfg)
{
	uint64_t n = 0;

	for (size_t i = 0; i < cfg->nprocess; i++)
		process(p, cfg, &cfg->process[i]);
	for (size_t i = 0; i < cfg->nprocess; i++) {
		const struct process_cfg *c = &cfg->process[i];

		if (c->is_init) {
			plan_note(p, "process %s: PID 1 of the guest is its recorder, so the scenario's init does not run", c->comm);
			continue;
		}
		for (uint64_t k = 0; k < u64_max(c->count, 1); k++) {
			if (++n > GUEST_MAX_INSTANCES) {
				p->refused = "more than 2048 processes";
				return SIM_OK;
			}
			if (!instance(p, cfg, i, k))
				return SIM_ENOMEM;
		}
	}
	return SIM_OK;
}

/* ---- all of it ---- */

sim_ns guest_sample(const struct sim_config *cfg)
{
	return u64_max(u64_max(cfg->sample, SAMPLE_LEAST), cfg->horizon / GUEST_MAX_SAMPLES);
}

static void head(struct guest_plan *p, const struct sim_config *cfg)
{
	strbuf_addf(&p->text, "plan seed=%llu sample=%llu duration=%llu stop_when_idle=%d cgroup_version=%u memory_recursiveprot=%d\n",
		    (unsigned long long)cfg->seed, (unsigned long long)guest_sample(cfg), (unsigned long long)cfg->horizon,
		    cfg->stop_when_idle, cfg->cgroup_version, cfg->memory_recursiveprot);
}

static void machine_notes(struct guest_plan *p, const struct machine_cfg *m)
{
	if (m->ncpu > 1)
		plan_note(p, "machine: one CPU instead of %u (deterministic time has one)", m->ncpu);
	if (m->nnode > 1)
		plan_note(p, "machine: one node instead of %u", m->nnode);
	if (m->page_size != KERNEL_PAGE)
		plan_note(p, "machine: pages of 4 KiB instead of %llu KiB", (unsigned long long)(m->page_size / KIB));
	if (m->balloon)
		plan_note(p, "machine: no balloon");
}

static const char *too_much(const struct sim_config *cfg)
{
	if (cfg->ncgroup > GUEST_MAX_GROUPS)
		return "more than 32 cgroups";
	if (cfg->machine.nfile > GUEST_MAX_FILES)
		return "more than 64 files";
	if (cfg->machine.ndisk > GUEST_MAX_DISKS)
		return "more than 16 disks";
	if (cfg->nprocess > GUEST_MAX_PROCESSES)
		return "more than 256 entries of processes";
	return NULL;
}

int guest_plan_build(const struct sim_config *cfg, struct guest_plan *ret)
{
	int err;

	*ret = (struct guest_plan){ .ram_mib = (cfg->machine.memory + MIB - 1) / MIB, .refused = too_much(cfg) };
	if (ret->refused)
		return SIM_OK;
	head(ret, cfg);
	machine_notes(ret, &cfg->machine);
	sysctls(ret, cfg);
	swaps(ret, &cfg->machine);
	disks(ret, &cfg->machine);
	cgroups(ret, cfg);
	err = processes(ret, cfg);
	if (ret->nstep > GUEST_MAX_STEPS)
		ret->refused = "more than 3072 steps";
	else if (ret->text.len >= REGION_PLAN_MAX)
		ret->refused = "a plan of more than 252 KiB";
	return ret->text.failed || ret->notes.failed ? SIM_ENOMEM : err;
}

void guest_plan_free(struct guest_plan *p)
{
	strbuf_free(&p->text);
	strbuf_free(&p->notes);
}
