/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking a recording of the live host. */
#include "sim/report/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "sim/core/diag.h"

static const char *const host_file[] = {
	"meminfo",
	"vmstat",
	"zoneinfo",
	"swaps",
	"loadavg",
	"pressure/memory",
	"pressure/io",
	"pressure/cpu",
	"sys/vm/swappiness",
	"sys/vm/overcommit_memory",
	"sys/vm/overcommit_ratio",
	"sys/vm/min_free_kbytes",
	"sys/vm/watermark_scale_factor",
	"sys/vm/panic_on_oom",
	"sys/vm/oom_kill_allocating_task",
};

static const char *const process_file[] = { "stat", "status", "oom_score_adj", "oom_score", "cgroup" };

static const char *const cgroup_file[] = { "memory.max",          "memory.high",      "memory.min",
					   "memory.low",          "memory.current",   "memory.swap.max",
					   "memory.swap.current", "memory.oom.group", "memory.events",
					   "memory.pressure",     "memory.stat" };

int recording_begin(struct strbuf *b)
{
	struct utsname u;

	strbuf_puts(b, RECORDING_MAGIC);
	if (!uname(&u))
		strbuf_addf(b, "kernel %s\n", u.release);
	strbuf_addf(b, "page_size %ld\n", sysconf(_SC_PAGESIZE));
	return b->failed ? SIM_ENOMEM : SIM_OK;
}

/* Files that are not there, or may not be read, are left out. */
static bool add_file(struct strbuf *b, const char *dir, const char *name, const char *as, struct strbuf *text)
{
	char path[OOM_PATH_LEN + 512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (proc_read(path, text) || !text->s)
		return false;
	strbuf_addf(b, "file %s %zu\n", as, text->len);
	strbuf_add(b, text->s, text->len);
	strbuf_puts(b, "\n");
	return true;
}

/* ---- cgroups: each once ---- */

struct cgroups {
	char **path;
	size_t n, cap;
};

static int cgroup_note(struct cgroups *g, const char *path)
{
	if (!path[0])
		return SIM_OK;
	for (size_t i = 0; i < g->n; i++)
		if (!strcmp(g->path[i], path))
			return SIM_OK;
	if (g->n == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 16;
		char **v = realloc(g->path, cap * sizeof(*v));

		if (!v)
			return SIM_ENOMEM;
		g->path = v;
		g->cap = cap;
	}
	g->path[g->n] = strdup(path);
	return g->path[g->n] ? g->n++, SIM_OK : SIM_ENOMEM;
}

static void add_cgroups(struct strbuf *b, const char *cgroupdir, struct cgroups *g, struct strbuf *text)
{
	for (size_t i = 0; i < g->n; i++) {
		for (size_t f = 0; f < ARRAY_LEN(cgroup_file); f++) {
			char name[OOM_PATH_LEN + 64], as[OOM_PATH_LEN + 72];

			snprintf(name, sizeof(name), "%s/%s", g->path[i], cgroup_file[f]);
			snprintf(as, sizeof(as), "cgroup%s", name);
			add_file(b, cgroupdir, name, as, text);
		}
		free(g->path[i]);
	}
	free(g->path);
}

/* A process that goes away while it is read leaves nothing behind. */
static int add_process(struct strbuf *b, const char *procdir, int pid, struct cgroups *g, struct strbuf *text)
{
	struct proc_process p;
	size_t mark = b->len;

	strbuf_addf(b, "process %d\n", pid);
	for (size_t i = 0; i < ARRAY_LEN(process_file); i++) {
		char name[64];

		snprintf(name, sizeof(name), "%d/%s", pid, process_file[i]);
		if (!add_file(b, procdir, name, name, text) && i < 4) {
			b->len = mark;
			return SIM_OK;
		}
	}
	if (text->s)
		proc_parse_cgroup(text->s, &p);
	else
		p.cgroup[0] = '\0';
	return cgroup_note(g, p.cgroup);
}

int recording_snapshot(struct strbuf *b, const char *procdir, const char *cgroupdir, unsigned number, sim_ns t)
{
	struct strbuf text = { 0 };
	struct cgroups g = { 0 };
	int *pids = NULL, err;
	size_t n = 0;

	err = proc_list(procdir, &pids, &n);
	if (err)
		return err;
	strbuf_addf(b, "snapshot %u %llu.%09llu\n", number, (unsigned long long)(t / NS_PER_SEC),
		    (unsigned long long)(t % NS_PER_SEC));
	for (size_t i = 0; i < ARRAY_LEN(host_file); i++)
		add_file(b, procdir, host_file[i], host_file[i], &text);
	for (size_t i = 0; i < n && !err; i++)
		err = add_process(b, procdir, pids[i], &g, &text);
	add_cgroups(b, cgroupdir, &g, &text);
	strbuf_addf(b, "end %u\n", number);
	strbuf_free(&text);
	free(pids);
	return err ? err : b->failed ? SIM_ENOMEM : SIM_OK;
}
