/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which line is which. Only the first words decide wherever possible: programs quote kernel messages in the middle of theirs. */
#include "sim/report/grammar.h"
#include "sim/report/scan.h"

#define STARTS(literal) scan_starts(m, n, literal)

void line_skip_module(const char **m, size_t *n)
{
	static const char *const module[] = { "oom_kill: ", "oom_kill_process: ", "show_mem: ", "memcontrol: ",
					      "swapfile: " };

	for (size_t i = 0; i < ARRAY_LEN(module); i++) {
		size_t len = strlen(module[i]);

		if (*n > len && !memcmp(*m, module[i], len)) {
			/* "oom_kill_process: 1520 callbacks suppressed" is a line of its own */
			if (scan_digit((*m)[len]))
				return;
			*m += len;
			*n -= len;
			return;
		}
	}
}

/* "[  123] 45 ..." or the head of such a row that was cut: '[', digits, ']', a number. */
static bool is_row(const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	uint64_t v;

	if (!scan_lit(&c, "["))
		return false;
	scan_blanks(&c);
	if (!scan_u64(&c, &v) || v > INT32_MAX || !scan_lit(&c, "]"))
		return false;
	scan_blanks(&c);
	return scan_u64(&c, &v) && (scan_done(&c) || *c.p == ' ' || *c.p == '\t');
}

static bool is_header(const char *m, size_t n)
{
	struct scan c = scan_of(m, n);

	if (!scan_lit(&c, "["))
		return false;
	scan_blanks(&c);
	if (!scan_lit(&c, "pid"))
		return false;
	scan_blanks(&c);
	return scan_lit(&c, "]");
}

static enum oom_line bracket_kind(const char *m, size_t n)
{
	if (is_row(m, n))
		return LINE_ROW;
	if (is_header(m, n))
		return LINE_HEADER;
	if (STARTS("[...") || STARTS("[snip") || STARTS("[ ..."))
		return LINE_ELIDED;
	return scan_find(m, n, "pagefault_out_of_memory") ? LINE_FAULT : LINE_OTHER;
}

/* A zone's name and what follows it: " free:" of the zone line or ": 1*4kB" of the buddy line. */
static enum oom_line zone_kind(const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	bool numa = scan_lit(&c, "Node ");
	uint64_t v;

	if (numa && !(scan_u64(&c, &v) && scan_lit(&c, " ")))
		return LINE_OTHER;
	if (numa && scan_starts(c.p, scan_left(&c), "active_anon:"))
		return LINE_NODE;
	if (numa && scan_starts(c.p, scan_left(&c), "hugepages_total="))
		return LINE_HUGEPAGES;
	while (c.p < c.end && (scan_digit(*c.p) || (*c.p | 0x20) >= 'a') && (*c.p | 0x20) <= 'z')
		c.p++;
	if (c.p == m)
		return LINE_OTHER;
	if (scan_lit(&c, " free:"))
		return scan_u64(&c, &v) ? LINE_ZONE : LINE_OTHER;
	if (scan_lit(&c, ": ") && scan_u64(&c, &v) && scan_lit(&c, "*") && scan_u64(&c, &v) && scan_lit(&c, "kB"))
		return LINE_BUDDY;
	return LINE_OTHER;
}

/* "1105 total pagecache pages" and the other totals, which begin with their number. */
static enum oom_line number_kind(const char *m, size_t n)
{
	static const char *const what[] = { " total pagecache pages", " pages in swap cache", " pages RAM",
					    " pages of RAM",          " pages HighMem",       " pages of HIGHMEM",
					    " pages reserved",        " reserved pages",      " pages cma reserved",
					    " pages hwpoisoned",      " pages shared",        " pages non-shared",
					    " pages swap cached" };
	struct scan c = scan_of(m, n);
	uint64_t v;

	if (!scan_u64(&c, &v))
		return LINE_OTHER;
	for (size_t i = 0; i < ARRAY_LEN(what); i++)
		if (scan_word_n(&c, what[i], strlen(what[i])))
			return LINE_SUMMARY;
	return LINE_OTHER;
}

/* "anon 66723840": a name of small letters and a number, nothing else. */
static bool is_stat(const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	const char *begin = c.p;
	uint64_t v;

	while (c.p < c.end && ((*c.p >= 'a' && *c.p <= 'z') || *c.p == '_'))
		c.p++;
	if (c.p == begin || !scan_lit(&c, " ") || !scan_u64(&c, &v))
		return false;
	scan_blanks(&c);
	return scan_done(&c);
}

/* The counters of Mem-Info: the first word is one of them, and a number follows the colon. */
static bool is_counters(const char *m, size_t n)
{
	static const char *const first[] = { "active_anon:",
					     "active_file:",
					     "unevictable:",
					     "slab_reclaimable:",
					     "mapped:",
					     "sec_pagetables:",
					     "kernel_misc_reclaimable:",
					     "free:",
					     "free_cma:",
					     "Active:",
					     "active:" };

	for (size_t i = 0; i < ARRAY_LEN(first); i++) {
		struct scan c = scan_of(m, n);
		uint64_t v;

		if (scan_word_n(&c, first[i], strlen(first[i])))
			return scan_u64(&c, &v) && (scan_done(&c) || *c.p == ' ' || *c.p == '\\' || *c.p == '#');
	}
	return false;
}

static enum oom_line memcg_kind(const char *m, size_t n)
{
	if (STARTS("memory: usage ") || STARTS("memory+swap: usage ") || STARTS("swap: usage ") ||
	    STARTS("kmem: usage "))
		return LINE_MEMCG_COUNTER;
	if (STARTS("Memory cgroup stats"))
		return LINE_MEMCG_STATS;
	if (STARTS("Task in ") && scan_find(m, n, " killed as a result of limit of "))
		return LINE_MEMCG_TASK;
	if (STARTS("Memory limit reached of cgroup "))
		return LINE_MEMCG_TASK;
	return LINE_OTHER;
}

/* "Out of memory: ", "Memory cgroup out of memory: " ... and what follows. */
static enum oom_line kill_kind(const char *m, size_t n)
{
	struct scan c = scan_of(m, n);

	if (STARTS("Out of memory and no killable processes") || STARTS("Out of Memory and no killable processes"))
		return LINE_PANIC;
	if (!STARTS("Out of memory") && !STARTS("Out of Memory") && !STARTS("Memory cgroup out of memory") &&
	    !STARTS("Killed process ") && !STARTS("No available memory "))
		return LINE_OTHER;
	if (!STARTS("Killed process ") && !scan_past(&c, ": "))
		return LINE_OTHER;
	if (scan_starts(c.p, scan_left(&c), "Killed process "))
		return LINE_KILLED;
	if (scan_starts(c.p, scan_left(&c), "Kill process ") || scan_starts(c.p, scan_left(&c), "kill process "))
		return LINE_CHOSEN;
	if (scan_starts(c.p, scan_left(&c), "OOM victim "))
		return LINE_EXITING;
	return LINE_OTHER;
}

static enum oom_line oom_kind(const char *m, size_t n)
{
	if (STARTS("oom-kill:constraint="))
		return LINE_CONSTRAINT;
	if (STARTS("oom-killer: gfp_mask="))
		return LINE_INVOKED;
	if (STARTS("oom_reaper: "))
		return LINE_REAPED;
	if (STARTS("oom killer ") && scan_find(m, n, " has mm pinned by "))
		return LINE_PINNED;
	if (STARTS("oom_kill_process: ") && scan_find(m, n, "callbacks suppressed"))
		return LINE_SUPPRESSED;
	if (STARTS("would have killed process ") || STARTS("oom_kill_process: would have killed process "))
		return LINE_WOULD;
	return LINE_OTHER;
}

static enum oom_line rare_kind(const char *m, size_t n)
{
	if ((STARTS("CPU: ") && scan_find(m, n, " Comm: ")) || (STARTS("Pid: ") && scan_find(m, n, ", comm: ")))
		return LINE_CPU;
	if (STARTS("Kernel panic - not syncing: ") &&
	    (scan_find(m, n, "panic_on_oom") || scan_find(m, n, "ut of memory") ||
	     scan_find(m, n, "deadlocked on memory")))
		return LINE_PANIC;
	if (STARTS("Tasks in ") && scan_find(m, n, " memory.oom.group"))
		return LINE_GROUP;
	if (scan_find(m, n, " mems_allowed=") && scan_find(m, n, " cpuset="))
		return LINE_CPUSET;
	if (STARTS("Linux version "))
		return LINE_BOOT;
	if (STARTS("Adding ") && scan_find(m, n, "k swap on "))
		return LINE_SWAPON;
	return scan_find(m, n, "pagefault_out_of_memory") ? LINE_FAULT : LINE_OTHER;
}

static enum oom_line memory_kind(const char *m, size_t n)
{
	if (STARTS("Mem-Info:") || STARTS("Mem-info:"))
		return LINE_MEMINFO;
	if (STARTS("lowmem_reserve[]:") || STARTS("protections[]:"))
		return LINE_RESERVE;
	if (STARTS("Free swap") || STARTS("Total swap = ") || STARTS("Swap cache stats:") || STARTS("Free pages: "))
		return LINE_SUMMARY;
	if (STARTS("hugetlb: Node "))
		return LINE_HUGEPAGES;
	if (STARTS("Tasks state (memory values in pages)"))
		return LINE_TASKS_STATE;
	if (STARTS("Unreclaimable slab info:"))
		return LINE_SLABS;
	return zone_kind(m, n);
}

enum oom_line line_kind(const char *m, size_t n)
{
	enum oom_line k;

	while (n && (*m == ' ' || *m == '\t')) {
		m++;
		n--;
	}
	if (!n)
		return LINE_OTHER;
	line_skip_module(&m, &n);
	if (scan_find(
		    m, n,
		    " invoked oom-killer:")) /* first: no name of 15 bytes holds these words, but one may look like a row */
		return LINE_INVOKED;
	if (*m == '[')
		k = bracket_kind(m, n);
	else if (scan_digit(*m))
		k = number_kind(m, n);
	else if (*m == '.' && STARTS("..."))
		k = LINE_ELIDED;
	else if (*m == 'o' || *m == 'w')
		k = oom_kind(m, n);
	else
		k = kill_kind(m, n);
	if (k != LINE_OTHER || (k = memory_kind(m, n)) != LINE_OTHER || (k = memcg_kind(m, n)) != LINE_OTHER)
		return k;
	if (is_counters(m, n))
		return LINE_COUNTERS;
	if (is_stat(m, n))
		return LINE_MEMCG_STAT;
	return rare_kind(m, n);
}

bool line_apply(enum oom_line kind, struct oom_report *r, const char *m, size_t n)
{
	while (n && (*m == ' ' || *m == '\t')) {
		m++;
		n--;
	}
	line_skip_module(&m, &n);
	switch (kind) {
	case LINE_INVOKED:
		return parse_invoked(r, m, n);
	case LINE_CPU:
		return parse_cpu(r, m, n);
	case LINE_CPUSET:
		return parse_cpuset(r, m, n);
	case LINE_FAULT:
		r->page_fault = true;
		break;
	case LINE_MEMINFO:
		r->has_meminfo = true;
		break;
	case LINE_COUNTERS:
		parse_counters(r, m, n);
		break;
	case LINE_NODE:
		parse_node(r, m, n);
		break;
	case LINE_ZONE:
		parse_zone(r, m, n);
		break;
	case LINE_RESERVE:
		parse_reserve(r, m, n);
		break;
	case LINE_BUDDY:
		parse_buddy(r, m, n);
		break;
	case LINE_HUGEPAGES:
		parse_hugepages(r, m, n);
		break;
	case LINE_SUMMARY:
		parse_summary(r, m, n);
		break;
	case LINE_SLABS:
		r->has_slab_table = true;
		break;
	case LINE_MEMCG_TASK:
		parse_memcg_task(r, m, n);
		break;
	case LINE_MEMCG_COUNTER:
		parse_memcg_counter(r, m, n);
		break;
	case LINE_MEMCG_STATS:
		parse_memcg_stats(r, m, n);
		break;
	case LINE_MEMCG_STAT:
		parse_memcg_stat(r, m, n);
		break;
	case LINE_TASKS_STATE:
		r->has_tasks_state = true;
		break;
	case LINE_HEADER:
		return parse_header(r, m, n);
	case LINE_ROW:
		return parse_row(r, m, n);
	case LINE_ELIDED:
		r->elided |= r->has_table;
		break;
	case LINE_CONSTRAINT:
		return parse_constraint(r, m, n);
	case LINE_CHOSEN:
		return parse_chosen(r, m, n);
	case LINE_PANIC:
		parse_panic(r, m, n);
		break;
	default:
		break;
	}
	return true;
}
