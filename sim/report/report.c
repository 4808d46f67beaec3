/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "sim/report/scan.h"

const char *oom_format_name(enum oom_format f)
{
	static const char *const name[] = {
		[OOM_FORMAT_NONE] = "no table",
		[OOM_FORMAT_OOM_ADJ] = "cpu oom_adj",
		[OOM_FORMAT_OOM_SCORE_ADJ] = "cpu oom_adj oom_score_adj",
		[OOM_FORMAT_NR_PTES] = "nr_ptes",
		[OOM_FORMAT_NR_PMDS] = "nr_pmds",
		[OOM_FORMAT_PGTABLES] = "pgtables_bytes",
		[OOM_FORMAT_RSS_ANON] = "rss_anon",
	};

	return name[f];
}

const char *oom_column_name(unsigned column)
{
	static const char *const name[] = {
#define X(id, text) text,
		OOM_COLUMN_MAP(X)
#undef X
	};

	return name[column];
}

const char *oom_constraint_name(enum oom_constraint c)
{
	static const char *const name[] = { NULL, "CONSTRAINT_NONE", "CONSTRAINT_CPUSET", "CONSTRAINT_MEMORY_POLICY",
					    "CONSTRAINT_MEMCG" };

	return name[c];
}

void oom_report_init(struct oom_report *r)
{
	memset(r, 0, sizeof(*r));
	r->page_kB = 4;
	r->max_node = -1;
}

void oom_report_free(struct oom_report *r)
{
	free(r->zone);
	free(r->task);
	r->zone = NULL;
	r->task = NULL;
	r->nzone = r->ntask = r->task_cap = 0;
}

const struct oom_victim *oom_report_actual(const struct oom_report *r)
{
	if (r->killed.has)
		return &r->killed;
	if (r->exiting.has)
		return &r->exiting;
	if (r->named.has && !r->would_have.has)
		return &r->named;
	if (r->reaped.has)
		return &r->reaped;
	return r->chosen.has && !r->would_have.has ? &r->chosen : NULL;
}

long oom_report_find(const struct oom_report *r, int pid)
{
	for (size_t i = 0; i < r->ntask; i++)
		if (r->task[i].pid == pid)
			return (long)i;
	if (!oom_has_column(r, OOM_COL_TGID))
		return -1;
	for (size_t i = 0; i < r->ntask; i++)
		if (r->task[i].v[OOM_COL_TGID] == pid)
			return (long)i;
	return -1;
}

struct oom_version oom_version_parse(const char *release)
{
	struct oom_version v = { 0 };
	struct scan c = scan_of(release, strlen(release));
	const char *el = strstr(release, ".el");
	int *part[] = { &v.major, &v.minor, &v.patch };

	for (size_t i = 0; i < ARRAY_LEN(part); i++) {
		if (!scan_int(&c, part[i]) || *part[i] < 0 || *part[i] > 9999) {
			*part[i] = 0;
			break;
		}
		if (!scan_lit(&c, "."))
			break;
	}
	if (el && scan_digit(el[3]))
		v.el = atoi(el + 3) > 99 ? 0 : atoi(el + 3);
	v.ubuntu = strstr(release, "-generic") || strstr(release, "-lowlatency") || strstr(release, "-azure") ||
		   strstr(release, "-aws") || strstr(release, "-gcp");
	return v;
}
