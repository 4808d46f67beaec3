/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/calibrate/synthetic.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/calibrate/runner.h"
#include "sim/calibrate/spec.h"

char synthetic_top[4096];
static char folder[] = "/tmp/oomsim-calibrate-XXXXXX";

void synthetic_begin(void)
{
	cr_assert(getcwd(synthetic_top, sizeof(synthetic_top)));
	cr_assert(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void synthetic_end(void)
{
	cr_assert_eq(chdir("/"), 0);
	nftw(folder, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static FILE *create(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	mkdir(dir, 0777);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	cr_assert(f, "%s cannot be written", path);
	return f;
}

void synthetic_file(const char *dir, const char *name, const char *text)
{
	FILE *f = create(dir, name);

	fputs(text, f);
	fclose(f);
}

void synthetic_meta(const char *dir, const char *spec)
{
	FILE *f = create(dir, "meta.json");
	const char *p;

	fputs("{\"scenario\": \"synthetic\", \"kernel\": \"6.1\", \"image\": \"6.1.0\", \"ram_mb\": 64, \"smp\": 1, \"constant\": {},\n"
	      "\"facts\": {\"/proc/sys/vm/min_free_kbytes\": \"900\", \"/proc/zoneinfo\": \"Node 0, zone    DMA32\\n  pages free     14000\\n"
	      "        present  16384\\n        managed  15800\\n  pagesets\\n    cpu: 0\\n              count: 0\\n              batch: 3\\n\"},\n"
	      "\"spec\": \"",
	      f);
	for (p = spec; *p; p++) {
		if (*p == '\n')
			fputs("\\n", f);
		else
			fputc(*p, f);
	}
	fputs("\"}\n", f);
	fclose(f);
	synthetic_file(dir, "events.tsv", "t_ms\twho\tpid\tevent\n0.050\tinit\t1\tt0 avail_kb=55000 total_kb=63200\n");
}

void synthetic_config(const char *dir, struct sim_config *ret)
{
	char why[SPEC_WHY], presets[4200], *yaml = NULL;
	struct diag_list dl = { 0 };

	cr_assert_eq(spec_scenario(dir, NULL, NULL, "recorder", &yaml, why), SPEC_OK, "%s", why);
	snprintf(presets, sizeof(presets), "%s/scenarios/presets", synthetic_top);
	cr_assert_eq(runner_load(&(struct runner_source){ .path = dir, .text = yaml, .presets = presets }, ret, &dl), 0, "%s\n%s",
		     dl.n ? dl.v[0].text : "", yaml);
	diag_list_free(&dl);
	free(yaml);
}

static void write_events(const char *dir, const struct outcome *o)
{
	FILE *f = create(dir, "events.tsv");
	size_t i;

	fputs("t_ms\twho\tpid\tevent\n0.050\tinit\t1\tt0 avail_kb=55000 total_kb=63200\n", f);
	for (i = 0; i < o->nphase; i++)
		if (o->phase[i].kind != PHASE_MAP)
			fprintf(f, "%.3f\t%s\t9\t%s pages=%.0f ms=%.0f maxstall_us=0\n", o->phase[i].t_ms, o->phase[i].comm,
				phase_name[o->phase[i].kind], o->phase[i].pages, o->phase[i].ms);
	for (i = 0; i < o->nkill; i++)
		fprintf(f, "%.3f\tkernel\t0\tOut of memory: Killed process 9 (%s) total-vm:1kB\n", o->kill[i].t_ms, o->kill[i].comm);
	for (i = 0; i < o->ntask; i++)
		if (o->task[i].exit_ms > 0)
			fprintf(f, "%.3f\t%s\t9\texit code=0\n", o->task[i].exit_ms, o->task[i].comm);
	fclose(f);
}

static void write_timeline(const char *dir, const struct outcome *o)
{
	FILE *f = create(dir, "timeline.tsv");
	size_t i;

	fputs("t_ms\tMemFree\tAnonPages\tpswpin\tpsi.memory.some.total\tpsi.io.some.total\n", f);
	for (i = 0; i < o->npoint; i++) {
		bool last = i + 1 == o->npoint;

		fprintf(f, "%.3f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\n", o->point[i].t_ms, o->point[i].free_kB, o->point[i].anon_kB,
			last ? o->q[Q_PSWPIN] : 0, last ? 1000 * o->q[Q_PSI_MEM] : 0, last ? 1000 * o->q[Q_PSI_IO] : 0);
	}
	fclose(f);
}

void synthetic_record(const char *dir, const struct cost_cfg *costs)
{
	struct sim_config cfg;
	struct outcome o;
	FILE *f;
	size_t i;

	synthetic_config(dir, &cfg);
	cfg.machine.cost = *costs;
	cr_assert_eq(runner_simulate(&cfg, &o), 0);
	sim_config_free(&cfg);
	write_events(dir, &o);
	write_timeline(dir, &o);
	f = create(dir, "procs.tsv");
	fputs("t_ms\tname\tpid\tstate\tutime\tstime\n", f);
	for (i = 0; i < o.ntask; i++)
		fprintf(f, "0\t%s\t9\tR\t0\t%.0f\n", o.task[i].comm, o.task[i].cpu_ms / 10);
	fclose(f);
	outcome_free(&o);
}
