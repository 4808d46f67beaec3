/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/models/klog_parse.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- lines ---- */

void lines_add(struct lines *l, const char *s, size_t len)
{
	l->v = realloc(l->v, (l->n + 1) * sizeof(*l->v));
	cr_assert_not_null(l->v);
	l->v[l->n++] = strndup(s, len);
}

void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct lines){ 0 };
}

/* "> " of a mail, "Jun 20 12:47:21 host kernel: " of syslog, "[ 123.456] " of printk. */
static char *text_of(char *s)
{
	static const char *const module[] = { "oom_kill: ", "cpuset: ", "hugetlb: " }; /* some print who speaks */
	char *p = strstr(s, " kernel: ");
	double stamp;
	int n = 0;

	if (strncmp(s, "> ", 2) == 0)
		s += 2;
	else if (p && p - s < 60)
		s = p + 9;
	if (sscanf(s, "[%lf]%n", &stamp, &n) == 1 && n && strchr(s, '.') && strchr(s, '.') < s + n)
		s += s[n] == ' ' ? n + 1 : n;
	for (size_t i = 0; i < ARRAY_LEN(module); i++)
		if (strncmp(s, module[i], strlen(module[i])) == 0)
			s += strlen(module[i]);
	while (s[0] == ' ' && s[1] == ' ') /* the journal indents what continues a record */
		s++;
	return s;
}

static void add_text(struct lines *l, char *s)
{
	char *end;

	s = text_of(s);
	while ((end = strstr(s, "\\x0a")) || (end = strstr(s, "#012"))) { /* kmsg's way, rsyslog's way */
		lines_add(l, s, (size_t)(end - s));
		s = end + 4;
	}
	lines_add(l, s, strlen(s));
}

struct lines lines_read(const char *path)
{
	struct lines l = { 0 };
	char *line = NULL;
	size_t cap = 0;
	FILE *f = fopen(path, "r");

	if (!f)
		return l;
	while (getline(&line, &cap, f) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		add_text(&l, line);
	}
	free(line);
	fclose(f);
	return l;
}

/* ---- numbers ---- */

/* The number after "name:", where name is a whole word of the line. */
static uint64_t number(const char *line, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = line; (p = strstr(p, name)); p++)
		if ((p == line || p[-1] == ' ') && p[n] == ':')
			return strtoull(p + n + 1, NULL, 10);
	return 0;
}

struct numbered {
	const char *name;
	size_t offset;
	unsigned divisor;
};

static void parse_numbers(void *base, const char *s, const struct numbered *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t v = number(s, f[i].name) / f[i].divisor;

		if (v)
			memcpy((char *)base + f[i].offset, &v, sizeof(v));
	}
}

static void parse_totals(struct rec_oom_report *r, const char *s)
{
	static const struct numbered f[] = {
#define F(x) { #x, offsetof(struct rec_oom_report, x), 1 }
		F(active_anon),   F(inactive_anon),
		F(isolated_anon), F(active_file),
		F(inactive_file), F(isolated_file),
		F(unevictable),   F(dirty),
		F(writeback),     F(slab_reclaimable),
		F(mapped),        F(slab_unreclaimable),
		F(shmem),         F(pagetables),
		F(bounce),        F(sec_pagetables),
		F(free),          F(kernel_misc_reclaimable),
		F(free_pcp),      F(free_cma),
		F(unstable),
#undef F
	};

	parse_numbers(r, s, f, ARRAY_LEN(f));
}

static void parse_node(struct rec_oom_node *n, const char *s)
{
	static const struct numbered f[] = {
#define F(x) { #x, offsetof(struct rec_oom_node, x), 4 }
		F(active_anon),
		F(inactive_anon),
		F(active_file),
		F(inactive_file),
		F(unevictable),
		F(mapped),
		F(dirty),
		F(writeback),
		F(shmem),
		F(shmem_thp),
		F(anon_thp),
		F(shmem_pmdmapped),
		F(writeback_tmp),
		F(pagetables),
		F(unstable),
		F(sec_pagetables),
		F(gpu_active),
		F(gpu_reclaim),
		{ "isolated(anon)", offsetof(struct rec_oom_node, isolated_anon), 4 },
		{ "isolated(file)", offsetof(struct rec_oom_node, isolated_file), 4 },
		{ "Balloon", offsetof(struct rec_oom_node, balloon), 4 },
		{ "kernel_stack", offsetof(struct rec_oom_node, kernel_stack_kB), 1 },
		{ "pages_scanned", offsetof(struct rec_oom_node, pages_scanned), 1 },
#undef F
	};

	*n = (struct rec_oom_node){ .node = atoi(s + 5), .all_unreclaimable = strstr(s, "all_unreclaimable? yes") };
	parse_numbers(n, s, f, ARRAY_LEN(f));
}

static void parse_zone(struct parsed *p, const char *s)
{
	static const struct numbered f[] = {
#define F(x) { #x, offsetof(struct rec_oom_zone, x), 4 }
		F(free),
		F(boost),
		F(min),
		F(low),
		F(high),
		F(reserved_highatomic),
		F(free_highatomic),
		F(active_anon),
		F(inactive_anon),
		F(active_file),
		F(inactive_file),
		F(unevictable),
		F(writepending),
		F(zspages),
		F(present),
		F(managed),
		F(mlocked),
		F(bounce),
		F(free_pcp),
		F(local_pcp),
		F(free_cma),
		F(dirty),
		F(writeback),
		F(mapped),
		F(shmem),
		F(slab_reclaimable),
		F(slab_unreclaimable),
		F(pagetables),
		F(unstable),
		F(writeback_tmp),
		{ "isolated(anon)", offsetof(struct rec_oom_zone, isolated_anon), 4 },
		{ "isolated(file)", offsetof(struct rec_oom_zone, isolated_file), 4 },
		{ "kernel_stack", offsetof(struct rec_oom_zone, kernel_stack_kB), 1 },
		{ "pages_scanned", offsetof(struct rec_oom_zone, pages_scanned), 1 },
#undef F
	};
	struct rec_oom_zone *z = &p->zone[p->r.nzone], lists = *z; /* the per-CPU lists came first */

	*z = (struct rec_oom_zone){ .all_unreclaimable = strstr(s, "all_unreclaimable? yes"),
				    .pcp = lists.pcp,
				    .npcp = lists.npcp };
	if (sscanf(s, "Node %d %15s", &z->node, p->zone_name[p->r.nzone]) != 2)
		sscanf(s, "%15s", p->zone_name[p->r.nzone]);
	z->name = p->zone_name[p->r.nzone++];
	parse_numbers(z, s, f, ARRAY_LEN(f));
}

/* There are as many as the build has kinds of zones. */
static void parse_reserve(struct parsed *p, struct rec_oom_zone *z, const char *s)
{
	char *at = strchr(s, ' ');

	for (p->f.lowmem_zones = 0; p->f.lowmem_zones < 5 && at && *at; p->f.lowmem_zones++)
		z->lowmem_reserve[p->f.lowmem_zones] = strtoll(at, &at, 10);
}

static unsigned types_of(const char *s, size_t n)
{
	unsigned r = 0;

	for (size_t i = 0; i < n; i++)
		r |= klog_free_type(s[i]);
	return r;
}

static void parse_buddy(struct parsed *p, const char *s)
{
	struct rec_oom_zone *z = p->zone;
	char name[16];
	int node = 0;

	cr_assert(sscanf(s, "Node %d %15[^:]", &node, name) == 2 || sscanf(s, "%15[^:]", name) == 1, "%s", s);
	while (z < p->zone + p->r.nzone && (z->node != node || strcmp(z->name, name) != 0))
		z++;
	cr_assert(z < p->zone + p->r.nzone, "%s", s);
	s = strchr(s, ':');
	for (size_t order = 0; order < 11; order++) {
		z->nr_free_blocks[order] = strtoull(s + strspn(s, ": "), NULL, 10);
		s += strcspn(s, "*");
		s += strcspn(s, " ");
		if (strncmp(s, " (", 2) != 0)
			continue;
		z->free_types[order] = (uint8_t)types_of(s + 2, strcspn(s, ")") - 2);
		s += strcspn(s, ")") + 1;
	}
}

/* ---- the table ---- */

/* The names of the heading, in the order of their columns. */
static const char *const columns[][9] = {
	{ "cpu oom_adj oom_score_adj", "cpu", "oom_adj", "oom_score_adj" },
	{ "cpu oom_adj name", "cpu", "oom_adj" },
	{ "nr_ptes swapents", "nr_ptes", "swapents", "oom_score_adj" },
	{ "nr_ptes nr_pmds", "nr_ptes", "nr_pmds", "swapents", "oom_score_adj" },
	{ "rss_anon", "rss_anon", "rss_file", "rss_shmem", "pgtables", "swapents", "oom_score_adj" },
	{ "rss pgtables_bytes", "pgtables", "swapents", "oom_score_adj" },
};

static const char *const *columns_of(const char *heading)
{
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (strstr(heading, columns[i][0]))
			return &columns[i][1];
	return NULL;
}

static void set_column(struct rec_oom_task *t, const char *name, long long v)
{
	if (!strcmp(name, "cpu"))
		t->cpu = (int)v;
	else if (!strcmp(name, "oom_score_adj"))
		t->oom_score_adj = (int)v;
	else if (!strcmp(name, "nr_ptes"))
		t->nr_ptes = (uint64_t)v;
	else if (!strcmp(name, "nr_pmds"))
		t->nr_pmds = (uint64_t)v;
	else if (!strcmp(name, "swapents"))
		t->swapents = (uint64_t)v;
	else if (!strcmp(name, "pgtables"))
		t->pgtables_bytes = (uint64_t)v;
	else if (!strcmp(name, "rss_anon"))
		t->rss_anon = (uint64_t)v;
	else if (!strcmp(name, "rss_file"))
		t->rss_file = (uint64_t)v;
	else if (!strcmp(name, "rss_shmem"))
		t->rss_shmem = (uint64_t)v;
}

static bool parse_task(struct rec_oom_task *t, const char *s, const char *const *column)
{
	unsigned long vm, rss;
	int at = 0;
	char *p;

	*t = (struct rec_oom_task){ 0 };
	if (!column || sscanf(s, "[%d] %u %d %lu %lu%n", &t->pid, &t->uid, &t->tgid, &vm, &rss, &at) != 5)
		return false;
	t->total_vm = vm, t->rss = rss;
	p = (char *)s + at;
	for (; *column; column++)
		set_column(t, *column, strtoll(p, &p, 10));
	snprintf(t->comm, sizeof(t->comm), "%.15s", *p ? p + 1 : p);
	return true;
}

/* ---- memory cgroups ---- */

static struct rec_oom_counter *counter_of(struct rec_oom_memcg *m, const char *s)
{
	if (strncmp(s, "memory: usage", 13) == 0)
		return &m->memory;
	if (strncmp(s, "swap: usage", 11) == 0)
		return &m->swap;
	if (strncmp(s, "memory+swap: usage", 18) == 0)
		return &m->memsw;
	return strncmp(s, "kmem: usage", 11) == 0 ? &m->kmem : NULL;
}

/* "/docker: cache:108KB rss:197168KB ..." or, since 5.4, the path alone. */
static void parse_v1_stats(struct parsed *p, const char *s)
{
	unsigned long long value;
	char name[64];
	int n;

	sscanf(s, "%255[^:]", p->path);
	for (s = strchr(s, ':') + 1; sscanf(s, " %63[a-z_]:%lluKB%n", name, &value, &n) == 2; s += n)
		p->stat[p->memcg.nstat++] = (struct rec_oom_stat){ strdup(name), value };
}

static bool parse_memcg(struct parsed *p, const char *s)
{
	struct rec_oom_counter *c = counter_of(&p->memcg, s);
	unsigned long usage, limit, fails;
	char name[64];
	unsigned long long value;

	if (sscanf(s, "Task in %255s killed as a result of limit of %255s", p->task_path, p->path) == 2)
		p->memcg.task_path = p->task_path;
	else if (c && sscanf(strchr(s, ':'), ": usage %lukB, limit %lukB, failcnt %lu", &usage, &limit, &fails) == 3)
		*c = (struct rec_oom_counter){ usage, limit, fails }, p->memcg.v1 |= c == &p->memcg.memsw;
	else if (strncmp(s, "Memory cgroup stats for ", 24) == 0)
		parse_v1_stats(p, s + 24);
	else if (p->path[0] && !p->memcg.v1 && sscanf(s, "%63[a-z_0-9] %llu", name, &value) == 2)
		p->stat[p->memcg.nstat++] = (struct rec_oom_stat){ strdup(name), value };
	else
		return false;
	p->memcg.path = p->path;
	p->memcg.stat = p->stat;
	p->r.memcg = &p->memcg;
	return true;
}

/* ---- head and kill ---- */

/* The flags of 6.1 that the format prints as this number. */
static uint32_t canonical(struct parsed *p, uint32_t gfp)
{
	const struct klog_gfp *g = p->f.gfp;
	uint32_t r = 0;

	if (!g->bit)
		return gfp;
	for (unsigned i = 0; i < KLOG_GFP_BITS; i++) {
		if (!g->bit[i] || (gfp & g->bit[i]) != g->bit[i])
			continue;
		r |= UINT32_C(1) << i;
		gfp &= ~g->bit[i];
	}
	if (!g->bit[11] && r & 0x400)
		r |= 0x800; /* before 4.4 whoever may wait wakes kswapd too */
	p->gfp_unknown = gfp != 0;
	return r & ~KLOG_GFP_COLD;
}

static void parse_invoked(struct parsed *p, const char *s)
{
	const char *end = strstr(s, " invoked"), *adj = strstr(s, "oom_score_adj=");

	if (!end || end - s >= SIM_COMM_LEN)
		return;
	memcpy(p->r.trigger_comm, s, (size_t)(end - s));
	p->r.gfp_mask = canonical(p, (uint32_t)strtoul(strstr(s, "gfp_mask=") + 9, NULL, 16));
	p->r.order = atoi(strstr(s, "order=") + 6);
	p->r.trigger_oom_score_adj = adj ? atoi(adj + 14) : 0;
}

static bool parse_cpu(struct parsed *p, const char *s)
{
	struct rec_oom_report *r = &p->r;
	const char *tainted = strstr(s, "ainted");

	if (!tainted || (sscanf(s, "CPU: %d PID: %d", &r->cpu, &r->trigger_pid) != 2 &&
			 sscanf(s, "CPU: %d UID: %u PID: %d", &r->cpu, &r->trigger_uid, &r->trigger_pid) != 3 &&
			 sscanf(s, "Pid: %d", &r->trigger_pid) != 1))
		return false;
	sscanf(tainted + 6, "%95s", p->release);
	return true;
}

static void parse_killed(struct parsed *p, const char *s)
{
	struct rec_kill *k = &p->kill;
	const char *pid = strstr(s, "Killed process "), *open = strchr(pid, '('), *close = strstr(open, ") total-vm");
	const char *adj = strstr(s, "oom_score_adj:");

	if (!close) /* RHEL 6: "Killed process 31995, UID 500, (java) total-vm:..." has it elsewhere */
		return;
	k->pid = atoi(pid + 15);
	snprintf(k->comm, sizeof(k->comm), "%.*s", (int)(close - open - 1), open + 1);
	k->total_vm_kB = number(s, "total-vm"), k->anon_rss_kB = number(s, "anon-rss");
	k->file_rss_kB = number(s, "file-rss"), k->shmem_rss_kB = number(s, "shmem-rss");
	k->uid = (uint32_t)number(s, "UID"), k->pgtables_kB = number(s, "pgtables");
	k->oom_score_adj = adj ? atoi(adj + 14) : 0;
	p->killed = true;
}

/* "Out of memory: Kill process 6576 (java) score 651 or sacrifice child" */
static void parse_chosen(struct rec_kill *k, const char *s)
{
	const char *pid = strstr(s, "ill process "), *open = strchr(pid, '('), *close = strstr(open, ") score ");

	k->chosen_pid = atoi(pid + 12);
	snprintf(k->chosen_comm, sizeof(k->chosen_comm), "%.*s", (int)(close - open - 1), open + 1);
	k->score = atoll(close + 8);
}

static void parse_message(struct rec_kill *k, const char *s)
{
	if (strncmp(s, "Memory cgroup", 13) == 0)
		k->message = "Memory cgroup out of memory", k->constraint = "CONSTRAINT_MEMCG";
	else if (strstr(s, "allocating_task"))
		k->message = "Out of memory (oom_kill_allocating_task)";
}

static void parse_constraint(struct parsed *p, const char *s)
{
	const char *oom = strstr(s, ",oom_memcg=");

	const char *nodes = strstr(s, ",mems_allowed="), *task = strstr(s, "task_memcg=");

	if (task)
		sscanf(task + 11, "%255[^,]", p->task_memcg);
	if (nodes && sscanf(nodes + 14, "%15[^,]", p->nodes) == 1)
		p->kill.mems_allowed = p->nodes;
	if (oom)
		sscanf(oom + 11, "%255[^,]", p->oom_memcg);
	p->kill.uid = (uint32_t)strtoul(strstr(s, ",uid=") + 5, NULL, 10);
	p->constraint = true;
}

/* ---- all of it ---- */

static bool parse_tail(struct parsed *p, const char *s)
{
	static const struct {
		const char *text;
		size_t offset;
	} f[] = {
#define F(text, x) { text, offsetof(struct rec_oom_report, x) }
		F("%lu total pagecache", pagecache_pages),
		F("%lu pages in swap cache", swapcache_pages),
		F("Free swap = %lukB", free_swap_kB),
		F("Total swap = %lukB", total_swap_kB),
		F("%lu pages RAM", pages_ram),
		F("%lu pages HighMem/", pages_highmem),
		F("%lu pages reserved", pages_reserved),
		F("%lu pages cma", pages_cma),
		F("%lu pages hwpoisoned", pages_hwpoisoned),
		F("%lu pages shared", pages_shared),
		F("%lu pages non-shared", pages_nonshared),
#undef F
	};

	for (size_t i = 0; i < ARRAY_LEN(f); i++) {
		char scan[64];
		unsigned long n;
		int end = 0;
		uint64_t v;

		snprintf(scan, sizeof(scan), "%s%%n", f[i].text);
		if (sscanf(s, scan, &n, &end) != 1 || !end)
			continue;
		v = n;
		memcpy((char *)&p->r + f[i].offset, &v, sizeof(v));
		return true;
	}
	return sscanf(s, "Swap cache stats: add %lu, delete %lu, find %lu/%lu", &p->r.swapcache_add,
		      &p->r.swapcache_del, &p->r.swapcache_find, &p->r.swapcache_find_total) == 4;
}

static bool parse_pcp(struct parsed *p, const char *s, size_t *zone)
{
	struct rec_oom_pcp v;
	unsigned cpu;

	if (strstr(s, " per-cpu:")) {
		sscanf(s, "Node %d %15s", &p->zone[*zone].node, p->zone_name[*zone]);
		return ++*zone;
	}
	if (sscanf(s, "CPU %u: hi: %u, btch: %u usd: %u", &cpu, &v.high, &v.batch, &v.used) != 4 || cpu >= 64)
		return false;
	p->pcp[*zone - 1][cpu] = v;
	p->zone[*zone - 1].pcp = p->pcp[*zone - 1];
	p->zone[*zone - 1].npcp = cpu + 1;
	return true;
}

static bool parse_place(struct parsed *p, const char *s)
{
	if (strncmp(s, "lowmem_reserve", 14) == 0)
		parse_reserve(p, &p->zone[p->r.nzone - 1], s);
	else if (strstr(s, "*4kB "))
		parse_buddy(p, s);
	else if (strstr(s, "kB min:") || strstr(s, "kB boost:"))
		parse_zone(p, s);
	else if (strncmp(s, "Node ", 5) == 0 && strstr(s, " active_anon:"))
		parse_node(&p->node[p->r.nnode++], s);
	else
		return strncmp(s, "Node ", 5) == 0 && !strstr(s, "per-cpu");
	return true;
}

static void parse_line(struct parsed *p, const char *s, const char *const **column, size_t *pcp_zone)
{
	if (strstr(s, "invoked oom-killer"))
		parse_invoked(p, s);
	else if (strncmp(s, "Hardware name: ", 15) == 0)
		snprintf(p->hardware, sizeof(p->hardware), "%s", s + 15);
	else if (strncmp(s, "Memory cgroup min protection ", 29) == 0)
		sscanf(s + 29, "%lukB -- low protection %lukB", &p->r.memcg_min_kB, &p->r.memcg_low_kB);
	else if (strncmp(s, "oom-kill:", 9) == 0)
		parse_constraint(p, s);
	else if (strstr(s, "ill process ") && strstr(s, ") score "))
		parse_chosen(&p->kill, s), parse_message(&p->kill, s);
	else if (strstr(s, "Killed process "))
		parse_killed(p, s), parse_message(&p->kill, s);
	else if (strstr(s, "total_vm"))
		*column = columns_of(s);
	else if (s[0] == '[' && parse_task(&p->task[p->r.ntask], s, *column))
		p->r.ntask++;
	else if (!parse_cpu(p, s) && !parse_pcp(p, s, pcp_zone) && !parse_place(p, s) && !parse_tail(p, s) &&
		 !parse_memcg(p, s))
		parse_totals(&p->r, s);
}

struct parsed *parse_report(const struct klog_format *f, const struct lines *l, size_t from, size_t to)
{
	struct parsed *p = calloc(1, sizeof(*p));
	const char *const *column = NULL;
	size_t pcp_zone = 0;

	cr_assert_not_null(p);
	p->f = *f;
	p->r = (struct rec_oom_report){ .constraint = "CONSTRAINT_NONE",
					.dump_header = true,
					.dump_tasks = true,
					.panic = -1,
					.node = p->node,
					.zone = p->zone,
					.task = p->task };
	p->kill = (struct rec_kill){ .by = "kernel", .constraint = "CONSTRAINT_NONE", .message = "Out of memory" };
	for (size_t i = from; i < to; i++)
		parse_line(p, l->v[i], &column, &pcp_zone);
	p->r.has_victim = p->killed;
	p->kill.memcg = p->task_memcg;
	p->kill.oom_memcg = p->oom_memcg;
	return p;
}

struct lines print_report(const struct parsed *p)
{
	struct strbuf b = { 0 };
	struct lines l = { 0 };

	klog_oom_report(&p->f, &b, &p->r, p->release, p->hardware);
	if (p->killed)
		klog_kill(&p->f, &b, &p->kill, p->constraint);
	cr_assert(!b.failed);
	for (char *s = b.s, *end; s && (end = strchr(s, '\n')); s = end + 1) {
		size_t skip = strncmp(s, KLOG_CONT, 2) == 0 ? 2 : 0;

		lines_add(&l, s + skip, (size_t)(end - s) - skip);
	}
	strbuf_free(&b);
	return l;
}
