/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of a real OOM report, read so that they can be printed again and compared line for line. */
#ifndef OOMSIM_TESTS_MODELS_KLOG_PARSE_H
#define OOMSIM_TESTS_MODELS_KLOG_PARSE_H

#include "models/klog/klog.h"

struct lines {
	char **v;
	size_t n;
};

struct parsed {
	struct klog_format f;
	struct rec_oom_report r;
	struct rec_oom_node node[8];
	struct rec_oom_zone zone[8];
	char zone_name[8][16];
	struct rec_oom_pcp pcp[8][64];
	struct rec_oom_task task[1024];
	struct rec_oom_memcg memcg;
	struct rec_oom_stat stat[128];
	struct rec_kill kill;
	bool killed, constraint, gfp_unknown;
	char release[96], hardware[128], task_memcg[256], oom_memcg[256], path[256], task_path[256], nodes[16];
};

void lines_free(struct lines *l);
void lines_add(struct lines *l, const char *s, size_t len);
/* A kernel log: each line without what stands before the text: stamps, syslog's prefix, "> " of quotes. "\x0a" are line ends. */
struct lines lines_read(const char *path);
/* Read lines from..to of a report in format f. */
struct parsed *parse_report(const struct klog_format *f, const struct lines *l, size_t from, size_t to);
/* Print it. */
struct lines print_report(const struct parsed *p);

#endif
