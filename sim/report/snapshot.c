/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a recording back. */
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/report/recording.h"
#include "sim/report/scan.h"

#define PROCESSES_MAX 32768

struct reading {
	struct scan c;
	unsigned long line;
	struct snapshot cur;
	bool open, failed;
	struct proc_host head; /* kernel and page size, which all snapshots share */
};

void snapshot_free(struct snapshot *s)
{
	free(s->process);
	s->process = NULL;
	s->n = s->cap = 0;
}

static bool meminfo_kB(const char *text, const char *key, struct oom_u64 *ret)
{
	const char *at = strstr(text, key);

	if (!at)
		return false;
	*ret = (struct oom_u64){ true, strtoull(at + strlen(key), NULL, 10) };
	return true;
}

static void take_meminfo(struct snapshot *s, const char *text)
{
	proc_parse_meminfo(text, &s->host);
	meminfo_kB(text, "\nSReclaimable:", &s->slab_reclaimable_kB);
	meminfo_kB(text, "\nSUnreclaim:", &s->slab_unreclaimable_kB);
	meminfo_kB(text, "\nKernelStack:", &s->kernel_stack_kB);
	meminfo_kB(text, "\nPageTables:", &s->pagetables_kB);
	meminfo_kB(text, "\nSwapFree:", &s->swap_free_kB);
	meminfo_kB(text, "\nUnevictable:", &s->unevictable_kB);
	meminfo_kB(text, "\nMemAvailable:", &s->available_kB);
}

static struct proc_process *process_new(struct reading *rd)
{
	struct snapshot *s = &rd->cur;

	if (s->n == PROCESSES_MAX)
		return NULL;
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		struct proc_process *v = realloc(s->process, cap * sizeof(*v));

		if (!v) {
			rd->failed = true;
			return NULL;
		}
		s->process = v;
		s->cap = cap;
	}
	memset(&s->process[s->n], 0, sizeof(*s->process));
	return &s->process[s->n++];
}

static bool named(const char *name, const char *end)
{
	size_t n = strlen(name), en = strlen(end);

	return n >= en && !strcmp(name + n - en, end);
}

/* One file's text; the process's files belong to the last process. */
static bool take_file(struct reading *rd, const char *name, const char *text)
{
	struct snapshot *s = &rd->cur;
	struct proc_process *p = s->n ? &s->process[s->n - 1] : NULL;

	if (!strcmp(name, "meminfo"))
		take_meminfo(s, text);
	else if (!strcmp(name, "sys/vm/swappiness"))
		s->swappiness = (struct oom_u64){ true, strtoull(text, NULL, 10) };
	else if (!strcmp(name, "sys/vm/overcommit_memory"))
		s->overcommit_memory = (struct oom_u64){ true, strtoull(text, NULL, 10) };
	else if (!p || !scan_digit(name[0]))
		return true;
	else if (named(name, "/stat"))
		return proc_parse_stat(text, p);
	else if (named(name, "/status"))
		return proc_parse_status(text, &s->host, p);
	else if (named(name, "/oom_score_adj"))
		p->oom_score_adj = atoi(text);
	else if (named(name, "/oom_score"))
		p->oom_score = atoi(text);
	else if (named(name, "/cgroup"))
		proc_parse_cgroup(text, p);
	return true;
}

static const char *file_line(struct reading *rd, const char *line, size_t n)
{
	const char *blank = scan_rfind(line, n, " ");
	struct scan c = scan_of(line, n);
	char name[OOM_PATH_LEN + 128], *text;
	uint64_t len;
	bool ok;

	if (!rd->open)
		return "a file outside a snapshot";
	if (!blank || blank == line)
		return "'file' wants a name and a number of bytes";
	scan_copy(name, sizeof(name), line, (size_t)(blank - line));
	c.p = blank + 1;
	if (!scan_u64(&c, &len) || !scan_done(&c))
		return "'file' wants a name and a number of bytes";
	if (len >= scan_left(&rd->c) || rd->c.p[len] != '\n')
		return "the file ends before its bytes do";
	text = malloc((size_t)len + 1);
	if (!text) {
		rd->failed = true;
		return NULL;
	}
	scan_copy(text, (size_t)len + 1, rd->c.p, (size_t)len);
	ok = take_file(rd, name, text);
	free(text);
	if (!ok)
		return "not what this file of /proc looks like";
	for (size_t i = 0; i <= len; i++)
		rd->line += rd->c.p[i] == '\n';
	rd->c.p += len + 1;
	return NULL;
}

static void open_snapshot(struct reading *rd, struct scan *c)
{
	uint64_t number = 0;

	snapshot_free(&rd->cur);
	memset(&rd->cur, 0, sizeof(rd->cur));
	rd->cur.host = rd->head;
	scan_u64(c, &number);
	rd->cur.number = (unsigned)number;
	rd->open = true;
}

static const char *one_line(struct reading *rd, struct snapshot *last)
{
	const char *nl = memchr(rd->c.p, '\n', scan_left(&rd->c));
	struct scan c;
	uint64_t v;

	if (!nl)
		return "the last line is cut";
	c = (struct scan){ rd->c.p, nl };
	rd->c.p = nl + 1;
	rd->line++;
	if (scan_lit(&c, "file "))
		return file_line(rd, c.p, scan_left(&c));
	if (scan_lit(&c, "kernel "))
		scan_copy(rd->head.release, sizeof(rd->head.release), c.p, scan_left(&c));
	else if (scan_lit(&c, "page_size ") && scan_u64(&c, &v) && v >= 1024 && v <= MIB)
		rd->head.page_size = v;
	else if (scan_lit(&c, "snapshot "))
		open_snapshot(rd, &c);
	else if (scan_lit(&c, "process ") && rd->open && !process_new(rd))
		return rd->failed ? NULL : "more than 32768 processes";
	else if (scan_lit(&c, "end ") && rd->open) {
		snapshot_free(last);
		*last = rd->cur;
		memset(&rd->cur, 0, sizeof(rd->cur));
		rd->open = false;
	}
	return NULL;
}

int recording_last(const char *text, size_t n, struct snapshot *ret, unsigned long *ret_line, const char **ret_why)
{
	struct reading rd = { .c = scan_of(text, n), .head.page_size = 4096 };

	memset(ret, 0, sizeof(*ret));
	*ret_why = NULL;
	if (!scan_starts(text, n, RECORDING_MAGIC))
		*ret_why = "not a recording of oomsim";
	while (!*ret_why && !rd.failed && !scan_done(&rd.c))
		*ret_why = one_line(&rd, ret);
	snapshot_free(&rd.cur);
	*ret_line = rd.line ? rd.line : 1;
	/* A recording that was cut short holds what was whole before. */
	if (!rd.failed && (!*ret_why || ret->n) && ret->host.ram_pages && ret->n)
		return SIM_OK;
	if (!*ret_why)
		*ret_why = "there is no whole snapshot in it";
	snapshot_free(ret);
	return rd.failed ? SIM_ENOMEM : SIM_EINPUT;
}
