/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a report: constraint, the chosen process, the killed one, the reaper, panics. */
#include <limits.h>

#include "sim/report/grammar.h"
#include "sim/report/scan.h"

static enum oom_constraint constraint_of(const char *s, size_t n)
{
	for (enum oom_constraint c = OOM_CONSTRAINT_NONE; c <= OOM_CONSTRAINT_MEMCG; c++) {
		const char *name = oom_constraint_name(c);

		if (strlen(name) == n && !memcmp(name, s, n))
			return c;
	}
	return OOM_CONSTRAINT_UNKNOWN;
}

/* The value of ",key=" up to the next ",word=" that follows it in the kernel's fixed order (or to the end). */
static bool value_of(const char *m, size_t n, const char *key, const char *const *next, char *ret, size_t size)
{
	const char *at = scan_find_n(m, n, key, strlen(key)), *end;

	if (!at)
		return false;
	at += strlen(key);
	end = m + n;
	for (; *next; next++) {
		const char *stop = scan_find_n(at, (size_t)(m + n - at), *next, strlen(*next));

		if (stop) {
			end = stop;
			break;
		}
	}
	scan_copy(ret, size, at, (size_t)(end - at));
	return true;
}

/* task=, pid= and uid= come last; the name may hold anything, so it ends where the last ",pid=" begins. */
static bool named_task(struct oom_report *r, const char *m, size_t n)
{
	const char *uid = scan_rfind(m, n, ",uid="), *pid = scan_rfind(m, n, ",pid="),
		   *memcg = scan_find(m, n, ",task_memcg=");
	const char *from = memcg ? memcg : m;
	const char *task = scan_find(from, (size_t)(m + n - from), ",task=");
	struct scan c;

	if (!task || !pid || pid < task + 6)
		return false;
	c = (struct scan){ pid + 5, m + n };
	if (!scan_int(&c, &r->named.pid))
		return false;
	scan_copy_name(r->named.comm, sizeof(r->named.comm), task + 6, (size_t)(pid - task - 6));
	r->named.has = true;
	if (!uid || uid < pid)
		return false;
	c.p = uid + 5;
	r->named.uid.has = scan_u64(&c, &r->named.uid.v);
	return r->named.uid.has;
}

bool parse_constraint(struct oom_report *r, const char *m, size_t n)
{
	static const char *const after_nodemask[] = { ",cpuset=",     ",global_oom", ",oom_memcg=",
						      ",task_memcg=", ",task=",      NULL };
	static const char *const after_cpuset[] = { ",mems_allowed=", ",global_oom", ",oom_memcg=", ",task=", NULL };
	static const char *const after_memcg[] = { ",task_memcg=", ",task=", NULL };
	struct scan c = scan_of(m, n);
	const char *comma;

	if (!scan_lit(&c, "oom-kill:constraint="))
		return true;
	comma = memchr(c.p, ',', scan_left(&c));
	r->has_constraint_line = true;
	r->constraint = constraint_of(c.p, comma ? (size_t)(comma - c.p) : scan_left(&c));
	value_of(m, n, ",nodemask=", after_nodemask, r->nodemask, sizeof(r->nodemask));
	value_of(m, n, ",cpuset=", after_cpuset, r->cpuset, sizeof(r->cpuset));
	value_of(m, n, ",mems_allowed=", after_nodemask + 1, r->mems_allowed, sizeof(r->mems_allowed));
	r->global_oom = scan_find(m, n, ",global_oom") != NULL;
	value_of(m, n, ",oom_memcg=", after_memcg, r->memcg, sizeof(r->memcg));
	value_of(m, n, ",task_memcg=", after_memcg + 1, r->task_memcg, sizeof(r->task_memcg));
	return named_task(r, m, n);
}

/* ---- kill lines ---- */

static enum oom_killed_by by_of(const char *m, size_t n)
{
	if (scan_starts(m, n, "Memory cgroup out of memory"))
		return OOM_BY_MEMCG;
	if (scan_starts(m, n, "Out of memory (oom_kill_allocating_task)"))
		return OOM_BY_ALLOCATING_TASK;
	if (scan_starts(m, n, "No available memory (MPOL_BIND)"))
		return OOM_BY_MPOL_BIND;
	if (scan_starts(m, n, "No available memory in cpuset"))
		return OOM_BY_CPUSET;
	if (scan_starts(m, n, "Out of memory") || scan_starts(m, n, "Out of Memory"))
		return OOM_BY_GLOBAL;
	return OOM_BY_UNKNOWN;
}

/* "N (name)" where the name ends at the last `after`, or at the last ')' if that is missing. */
static bool pid_and_name(struct scan *c, const char *after, struct oom_victim *ret)
{
	const char *end;

	if (!scan_int(c, &ret->pid))
		return false;
	if (!scan_past(c, "("))
		return false;
	end = scan_rfind_n(c->p, scan_left(c), after, strlen(after));
	if (!end)
		end = scan_rfind(c->p, scan_left(c), ")");
	if (!end)
		return false;
	scan_copy_name(ret->comm, sizeof(ret->comm), c->p, (size_t)(end - c->p));
	ret->has = true;
	c->p = end;
	return true;
}

bool parse_chosen(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	struct oom_victim v = { 0 };
	uint64_t score;

	r->by = by_of(m, n);
	if (!scan_past(&c, "ill process "))
		return true;
	if (!pid_and_name(&c, ") score ", &v))
		return false;
	if (scan_find(c.p, scan_left(&c),
		      "sharing same memory")) /* 3.0 .. 3.18: another process with the victim's memory */
		return true;
	r->chosen = v;
	if (!scan_lit(&c, ") score ") || !scan_u64(&c, &score))
		return false;
	r->score = (struct oom_u64){ true, score };
	r->or_a_child = scan_find(c.p, scan_left(&c), "or a child") != NULL;
	return true;
}

static void kB_field(const char *m, size_t n, const char *key, struct oom_u64 *ret)
{
	const char *at = scan_find_n(m, n, key, strlen(key));
	struct scan c;

	if (!at)
		return;
	c = (struct scan){ at + strlen(key), m + n };
	ret->has = scan_u64(&c, &ret->v);
}

static void killed_fields(struct scan *c, struct oom_victim *ret)
{
	size_t n = scan_left(c);
	struct scan t;

	kB_field(c->p, n, "total-vm:", &ret->total_vm_kB);
	if (!ret->total_vm_kB.has)
		kB_field(c->p, n, "vsz:", &ret->total_vm_kB); /* 2.6.35 */
	kB_field(c->p, n, "anon-rss:", &ret->anon_rss_kB);
	kB_field(c->p, n, "file-rss:", &ret->file_rss_kB);
	kB_field(c->p, n, "shmem-rss:", &ret->shmem_rss_kB);
	kB_field(c->p, n, "pgtables:", &ret->pgtables_kB);
	if (!ret->uid.has)
		kB_field(c->p, n, "UID:", &ret->uid);
	t = *c;
	if (scan_past(&t, "oom_score_adj:"))
		ret->has_adj = scan_int(&t, &ret->oom_score_adj);
}

bool parse_killed(const char *m, size_t n, struct oom_victim *ret, enum oom_killed_by *ret_by, bool *ret_comma_uid)
{
	struct scan c = scan_of(m, n), t;

	memset(ret, 0, sizeof(*ret));
	*ret_by = by_of(m, n);
	*ret_comma_uid = false;
	if (!scan_past(&c, "Killed process "))
		return false;
	t = c;
	if (!scan_int(&t, &ret->pid))
		return false;
	if (scan_lit(&t, ", UID ")) { /* RHEL 6: "Killed process 13929, UID 1002, (php-fpm) total-vm:..." */
		*ret_comma_uid = true;
		ret->uid.has = scan_u64(&t, &ret->uid.v);
	}
	if (!pid_and_name(&c, ") total-vm:", ret))
		return false;
	killed_fields(&c, ret);
	return true;
}

bool parse_reaped(const char *m, size_t n, struct oom_victim *ret)
{
	struct scan c = scan_of(m, n);

	memset(ret, 0, sizeof(*ret));
	return scan_past(&c, "reaped process ") && pid_and_name(&c, "), now anon-rss:", ret);
}

void parse_panic(struct oom_report *r, const char *m, size_t n)
{
	if (scan_find(m, n, "ompulsory panic_on_oom"))
		r->panic = OOM_PANIC_COMPULSORY;
	else if (scan_find(m, n, "panic_on_oom"))
		r->panic = OOM_PANIC_ON_OOM;
	else if (r->panic == OOM_PANIC_NO)
		r->panic = OOM_PANIC_NO_KILLABLE;
}
