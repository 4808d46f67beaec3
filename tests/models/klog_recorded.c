/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The 6.1 log format against real kernels: read the numbers out of every global OOM report of the recordings, print them
 * again and compare line for line. What a simulation does not know is taken out on both sides: the call trace with its
 * registers, Debian's package version, the migrate types of free blocks.
 *
 * The recordings are not part of the project: they are looked for in $OOMSIM_SHARED/recordings, else ../shared/recordings.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/klog/klog.h"
#include "models/registry.h"

struct lines {
	char **v;
	size_t n;
};

static void add_line(struct lines *l, const char *s, size_t len)
{
	l->v = realloc(l->v, (l->n + 1) * sizeof(*l->v));
	cr_assert_not_null(l->v);
	l->v[l->n++] = strndup(s, len);
}

static void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct lines){ 0 };
}

/* The text after the stamp, "\x0a" of /dev/kmsg made into line ends. */
static void add_text(struct lines *l, char *s)
{
	char *end;

	if (*s == '[' && (end = strchr(s, ']')))
		s = end[1] == ' ' ? end + 2 : end + 1;
	while ((end = strstr(s, "\\x0a"))) {
		add_line(l, s, (size_t)(end - s));
		s = end + 4;
	}
	add_line(l, s, strlen(s));
}

static struct lines read_log(const char *path)
{
	struct lines l = { 0 };
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *f = fopen(path, "r");

	if (!f)
		return l;
	while ((n = getline(&line, &cap, f)) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		add_text(&l, line);
	}
	free(line);
	fclose(f);
	return l;
}

/* The number after "name:", where name is a whole word of the line. */
static uint64_t number(const char *line, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = line; (p = strstr(p, name)); p++)
		if ((p == line || p[-1] == ' ') && p[n] == ':')
			return strtoull(p + n + 1, NULL, 10);
	return 0;
}

#define PAGES(field)  number(s, #field)
#define KBYTES(field) (number(s, #field) / 4)

static void parse_totals(struct rec_oom_report *r, const char *s)
{
	static const struct {
		const char *name;
		size_t offset;
	} f[] = {
#define F(x) { #x, offsetof(struct rec_oom_report, x) }
		F(active_anon),
		F(inactive_anon),
		F(isolated_anon),
		F(active_file),
		F(inactive_file),
		F(isolated_file),
		F(unevictable),
		F(dirty),
		F(writeback),
		F(slab_reclaimable),
		F(slab_unreclaimable),
		F(mapped),
		F(shmem),
		F(pagetables),
		F(sec_pagetables),
		F(bounce),
		F(kernel_misc_reclaimable),
		F(free),
		F(free_pcp),
		F(free_cma),
#undef F
	};

	for (size_t i = 0; i < ARRAY_LEN(f); i++) {
		uint64_t v = number(s, f[i].name);

		if (v)
			memcpy((char *)r + f[i].offset, &v, sizeof(v));
	}
}

static void parse_node(struct rec_oom_node *n, const char *s)
{
	*n = (struct rec_oom_node){
		.node = atoi(s + 5),
		.active_anon = KBYTES(active_anon),
		.inactive_anon = KBYTES(inactive_anon),
		.active_file = KBYTES(active_file),
		.inactive_file = KBYTES(inactive_file),
		.unevictable = KBYTES(unevictable),
		.isolated_anon = number(s, "isolated(anon)") / 4,
		.isolated_file = number(s, "isolated(file)") / 4,
		.mapped = KBYTES(mapped),
		.dirty = KBYTES(dirty),
		.writeback = KBYTES(writeback),
		.shmem = KBYTES(shmem),
		.shmem_thp = KBYTES(shmem_thp),
		.shmem_pmdmapped = KBYTES(shmem_pmdmapped),
		.anon_thp = KBYTES(anon_thp),
		.writeback_tmp = KBYTES(writeback_tmp),
		.kernel_stack_kB = PAGES(kernel_stack),
		.pagetables = KBYTES(pagetables),
		.sec_pagetables = KBYTES(sec_pagetables),
		.all_unreclaimable = strstr(s, "all_unreclaimable? yes") != NULL,
	};
}

/* The third word of "Node 0 DMA32 ...", or of "Node 0 DMA32: ...". */
static const char *zone_name(const char *s)
{
	static const char *const names[] = { "DMA32", "DMA", "Normal" };

	for (int word = 0; word < 2; word++) {
		s += strcspn(s, " ");
		s += strspn(s, " ");
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strncmp(s, names[i], strlen(names[i])) == 0)
			return names[i];
	return "?";
}

static void parse_zone(struct rec_oom_zone *z, const char *s)
{
	*z = (struct rec_oom_zone){
		.node = atoi(s + 5),
		.name = zone_name(s),
		.free = KBYTES(free),
		.boost = KBYTES(boost),
		.min = KBYTES(min),
		.low = KBYTES(low),
		.high = KBYTES(high),
		.reserved_highatomic = KBYTES(reserved_highatomic),
		.active_anon = KBYTES(active_anon),
		.inactive_anon = KBYTES(inactive_anon),
		.active_file = KBYTES(active_file),
		.inactive_file = KBYTES(inactive_file),
		.unevictable = KBYTES(unevictable),
		.writepending = KBYTES(writepending),
		.present = KBYTES(present),
		.managed = KBYTES(managed),
		.mlocked = KBYTES(mlocked),
		.bounce = KBYTES(bounce),
		.free_pcp = KBYTES(free_pcp),
		.local_pcp = KBYTES(local_pcp),
		.free_cma = KBYTES(free_cma),
	};
}

static void parse_reserve(struct rec_oom_zone *z, const char *s)
{
	char *p = strchr(s, ' ');

	for (size_t i = 0; i < 5 && p; i++)
		z->lowmem_reserve[i] = strtoll(p, &p, 10);
}

static void parse_buddy(struct rec_oom_zone *z, size_t nzone, const char *s)
{
	const char *p = s + strcspn(s, ":");

	while (nzone && strcmp(z->name, zone_name(s)) != 0)
		z++, nzone--;
	cr_assert(nzone);
	for (size_t order = 0; order < 11; order++) {
		z->nr_free_blocks[order] = strtoull(p + strspn(p, ": "), NULL, 10);
		p += strcspn(p, "*");
		p += strcspn(p, " ");
		if (strncmp(p, " (", 2) == 0)
			p += strcspn(p, ")") + 1;
	}
}

static bool parse_task(struct rec_oom_task *t, const char *s)
{
	int at = 0;
	unsigned long vm, rss, pt, swap;

	*t = (struct rec_oom_task){ 0 };
	if (sscanf(s, "[%d] %u %d %lu %lu %lu %lu %d %n", &t->pid, &t->uid, &t->tgid, &vm, &rss, &pt, &swap,
		   &t->oom_score_adj, &at) != 8)
		return false;
	t->total_vm = vm, t->rss = rss, t->pgtables_bytes = pt, t->swapents = swap;
	snprintf(t->comm, sizeof(t->comm), "%.15s", s + at);
	return true;
}

static void parse_kill(struct rec_kill *k, const char *s)
{
	const char *pid = strstr(s, "Killed process "), *open = strchr(pid, '('), *close = strstr(open, ") total-vm");

	k->pid = atoi(pid + 15);
	snprintf(k->comm, sizeof(k->comm), "%.*s", (int)(close - open - 1), open + 1);
	k->total_vm_kB = number(s, "total-vm"), k->anon_rss_kB = number(s, "anon-rss"),
	k->file_rss_kB = number(s, "file-rss");
	k->shmem_rss_kB = number(s, "shmem-rss"), k->uid = (uint32_t)number(s, "UID"),
	k->pgtables_kB = number(s, "pgtables");
	k->oom_score_adj = atoi(strstr(s, "oom_score_adj:") + 14);
	k->by = "kernel", k->constraint = "CONSTRAINT_NONE";
	k->message = strstr(s, "allocating_task") ? "Out of memory (oom_kill_allocating_task)" : "Out of memory";
}

struct parsed {
	struct rec_oom_report r;
	struct rec_oom_node node[4];
	struct rec_oom_zone zone[4];
	struct rec_oom_task task[512];
	struct rec_kill kill;
	char release[64], hardware[128], memcg[128];
};

static void parse_invoked(struct parsed *p, const char *s)
{
	const char *end = strstr(s, " invoked");

	if (!end || end - s >= SIM_COMM_LEN)
		return;
	memcpy(p->r.trigger_comm, s, (size_t)(end - s));
	p->r.gfp_mask = (uint32_t)strtoul(strstr(s, "gfp_mask=") + 9, NULL, 16);
	p->r.order = atoi(strstr(s, "order=") + 6);
	p->r.trigger_oom_score_adj = atoi(strstr(s, "oom_score_adj=") + 14);
}

static void parse_line(struct parsed *p, const char *s)
{
	struct rec_oom_report *r = &p->r;
	unsigned long n;

	if (strstr(s, "invoked oom-killer"))
		parse_invoked(p, s);
	else if (sscanf(s, "CPU: %d PID: %d", &r->cpu, &r->trigger_pid) == 2)
		sscanf(strstr(s, "tainted ") + 8, "%63s", p->release);
	else if (strncmp(s, "Hardware name: ", 15) == 0)
		snprintf(p->hardware, sizeof(p->hardware), "%s", s + 15);
	else if (strncmp(s, "Node 0 active_anon", 18) == 0)
		parse_node(&p->node[r->nnode++], s);
	else if (strncmp(s, "Node 0 huge", 11) == 0)
		return;
	else if (strncmp(s, "Node ", 5) == 0 && strstr(s, " boost:"))
		parse_zone(&p->zone[r->nzone++], s);
	else if (strncmp(s, "lowmem_reserve", 14) == 0)
		parse_reserve(&p->zone[r->nzone - 1], s);
	else if (strncmp(s, "Node ", 5) == 0)
		parse_buddy(p->zone, r->nzone, s);
	else if (strstr(s, "total pagecache"))
		r->pagecache_pages = strtoull(s, NULL, 10);
	else if (strstr(s, "in swap cache"))
		r->swapcache_pages = strtoull(s, NULL, 10);
	else if (sscanf(s, "Free swap = %lu", &n) == 1)
		r->free_swap_kB = n;
	else if (sscanf(s, "Total swap = %lu", &n) == 1)
		r->total_swap_kB = n;
	else if (strstr(s, " pages RAM"))
		r->pages_ram = strtoull(s, NULL, 10);
	else if (strstr(s, " pages reserved"))
		r->pages_reserved = strtoull(s, NULL, 10);
	else if (strncmp(s, "oom-kill:", 9) == 0)
		sscanf(strstr(s, "task_memcg=") + 11, "%127[^,]", p->memcg);
	else if (strstr(s, "Killed process"))
		parse_kill(&p->kill, s);
	else if (s[0] == '[' && parse_task(&p->task[r->ntask], s))
		r->ntask++;
	else
		parse_totals(r, s);
}

/* Takes out what the two texts cannot share. False: the line goes altogether. */
static bool comparable(char *s, bool *in_trace)
{
	char *cut;

	if (strcmp(s, "Call Trace:") == 0)
		*in_trace = true;
	if (*in_trace) {
		*in_trace = strcmp(s, " </TASK>") != 0;
		return false;
	}
	if (strncmp(s, "CPU: ", 5) == 0 && (cut = strstr(s, " #1")))
		cut[3] = '\0';
	while (strstr(s, "*4kB ") && (cut = strstr(s, " (")))
		memmove(cut, strchr(cut, ')') + 1, strlen(strchr(cut, ')')));
	return true;
}

static struct lines printed(const struct parsed *p, bool killed)
{
	const struct klog_format *k = kernel_model_find("6.1")->klog;
	struct strbuf b = { 0 };
	struct lines l = { 0 };

	k->oom_report(&b, &p->r, p->release, p->hardware);
	if (killed)
		k->kill(&b, &p->kill, true);
	cr_assert(!b.failed);
	for (char *s = b.s, *end; (end = strchr(s, '\n')); s = end + 1) {
		size_t skip = strncmp(s, KLOG_CONT, 2) == 0 ? 2 : 0;

		add_line(&l, s + skip, (size_t)(end - s) - skip);
	}
	strbuf_free(&b);
	return l;
}

static void compare(const char *where, const struct lines *real, size_t from, size_t to, struct lines *ours)
{
	bool trace_a = false, trace_b = false;
	size_t j = 0;

	for (size_t i = from; i < to; i++) {
		if (!comparable(real->v[i], &trace_a))
			continue;
		while (j < ours->n && !comparable(ours->v[j], &trace_b))
			j++;
		cr_assert(j < ours->n, "%s: our report ends before \"%s\"", where, real->v[i]);
		cr_assert_str_eq(ours->v[j], real->v[i], "%s:\nreal: %s\nours: %s", where, real->v[i], ours->v[j]);
		j++;
	}
	cr_assert_eq(j, ours->n, "%s: our report goes on with \"%s\"", where, j < ours->n ? ours->v[j] : "");
}

/* One report: lines from..to. True if it was a global one and so compared. */
static bool check_report(const char *where, const struct lines *l, size_t from, size_t to)
{
	struct parsed *p = calloc(1, sizeof(*p));
	bool killed = strstr(l->v[to - 1], "Killed process") != NULL;
	struct lines ours;

	for (size_t i = from; i < to; i++)
		if (strncmp(l->v[i], "memory: usage", 13) == 0) {
			free(p);
			return false;
		}
	p->r = (struct rec_oom_report){ .constraint = "CONSTRAINT_NONE",
					.dump_header = true,
					.dump_tasks = true,
					.has_victim = killed,
					.panic = -1,
					.node = p->node,
					.zone = p->zone,
					.task = p->task };
	for (size_t i = from; i < to; i++)
		parse_line(p, l->v[i]);
	if (!killed && !strstr(l->v[to - 1], "no killable"))
		p->r.panic = PANIC_ON_OOM;
	p->kill.memcg = p->memcg;
	ours = printed(p, killed);
	compare(where, l, from, to, &ours);
	lines_free(&ours);
	free(p);
	return true;
}

static bool ends_report(const char *s)
{
	return strstr(s, "Killed process") || strstr(s, "no killable processes");
}

static size_t check_log(const char *path)
{
	struct lines l = read_log(path);
	size_t done = 0;

	for (size_t i = 0; i < l.n; i++) {
		size_t from = i;

		if (!strstr(l.v[i], "invoked oom-killer"))
			continue;
		while (i < l.n && !ends_report(l.v[i]) && strncmp(l.v[i], "Kernel panic", 12) != 0)
			i++;
		if (i < l.n)
			done += check_report(path, &l, from, i + ends_report(l.v[i]));
	}
	lines_free(&l);
	return done;
}

static DIR *recordings(char *base, size_t n)
{
	const char *shared = getenv("OOMSIM_SHARED");

	snprintf(base, n, "%s/recordings/kernels", shared ? shared : "../shared");
	return opendir(base);
}

Test(klog_v6_1, recorded_reports)
{
	char base[400], path[700];
	DIR *d = recordings(base, sizeof(base));
	size_t reports = 0;

	if (!d)
		cr_skip_test("no recordings at %s (set OOMSIM_SHARED)", base);
	for (struct dirent *e; (e = readdir(d));) {
		const char *k = strstr(e->d_name, "-6.1");

		if (!k || (k[4] && k[4] != '+'))
			continue;
		snprintf(path, sizeof(path), "%s/%s/dmesg.txt", base, e->d_name);
		reports += check_log(path);
	}
	closedir(d);
	cr_assert_gt(reports, 20, "only %zu reports found", reports);
	cr_log_info("%zu recorded reports printed alike", reports);
}
