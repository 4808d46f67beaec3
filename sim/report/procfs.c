/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "sim/core/diag.h"
#include "sim/report/scan.h"

#define READ_MAX         (1u << 20)
#define PF_KTHREAD_BIT   0x00200000u
#define INIT_PID_NS      4026531836u /* PROC_PID_INIT_INO: the inode of the first pid namespace */
#define CAP_SYS_ADMIN_NR 21

int proc_read(const char *path, struct strbuf *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	char buf[4096];
	ssize_t n;

	strbuf_free(ret);
	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) != 0 && ret->len < READ_MAX) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err = -errno;
			break;
		}
		strbuf_add(ret, buf, (size_t)n);
	}
	close(fd);
	if (!ret->s)
		strbuf_add(ret, "", 0);
	return err ? err : ret->failed ? -ENOMEM : 0;
}

/* The number after a key that begins a line. */
static bool field(const char *text, const char *key, int base, uint64_t *ret)
{
	size_t n = strlen(key);

	for (const char *p = text; (p = strstr(p, key)); p += n) {
		if (p != text && p[-1] != '\n')
			continue;
		errno = 0;
		*ret = strtoull(p + n, NULL, base);
		return errno == 0;
	}
	return false;
}

void proc_parse_meminfo(const char *text, struct proc_host *ret)
{
	uint64_t kB, page_kB = u64_max(ret->page_size / 1024, 1);

	if (field(text, "MemTotal:", 10, &kB))
		ret->ram_pages = kB / page_kB;
	if (field(text, "SwapTotal:", 10, &kB))
		ret->swap_pages = kB / page_kB;
}

bool proc_parse_stat(const char *text, struct proc_process *ret)
{
	size_t n = strlen(text);
	const char *open = memchr(text, '(', n), *close = scan_rfind(text, n, ") ");
	struct scan c = scan_of(text, n);
	int64_t v[25] = { 0 };
	int k = 4;

	if (!open || !close || close < open || !scan_int(&c, &ret->pid))
		return false;
	scan_copy(ret->comm, sizeof(ret->comm), open + 1, (size_t)(close - open - 1));
	c.p = close + 2;
	if (scan_done(&c))
		return false;
	ret->state = *c.p++;
	for (; k < 25; k++) { /* v[k] is field k of proc(5) */
		struct scan t;
		uint64_t u;

		scan_blanks(&c);
		t = c;
		if (scan_i64(&c, &v[k]))
			continue;
		if (!scan_u64(&t, &u))
			break;
		c = t;
		v[k] = INT64_MAX; /* startcode and limits may be larger than a signed number */
	}
	if (k < 25)
		return false;
	ret->ppid = (int)v[4];
	ret->kthread = (uint64_t)v[9] & PF_KTHREAD_BIT;
	ret->threads = (unsigned)v[20];
	ret->start_ticks = (uint64_t)v[22];
	ret->rss = v[24] < 0 ? 0 : (uint64_t)v[24];
	return true;
}

static uint64_t pages(const char *text, const char *key, const struct proc_host *h)
{
	uint64_t kB;

	return field(text, key, 10, &kB) ? kB * 1024 / u64_max(h->page_size, 1) : 0;
}

bool proc_parse_status(const char *text, const struct proc_host *h, struct proc_process *ret)
{
	uint64_t v;

	ret->has_mm = field(text, "VmSize:", 10, &v);
	ret->total_vm = pages(text, "VmSize:", h);
	ret->rss_anon = pages(text, "RssAnon:", h);
	ret->rss_file = pages(text, "RssFile:", h);
	ret->rss_shmem = pages(text, "RssShmem:", h);
	ret->swapents = pages(text, "VmSwap:", h);
	ret->pgtables_bytes = 0;
	/* Up to 4.14 VmPMD has a line of its own; later VmPTE holds all levels. */
	if (field(text, "VmPTE:", 10, &v))
		ret->pgtables_bytes += v * 1024;
	ret->pmd_bytes = field(text, "VmPMD:", 10, &v) ? v * 1024 : 0;
	ret->pgtables_bytes += ret->pmd_bytes;
	if (!field(text, "Uid:", 10, &v))
		return false;
	ret->uid = (uint32_t)v;
	ret->cap_sys_admin = field(text, "CapEff:", 16, &v) && (v >> CAP_SYS_ADMIN_NR & 1);
	return true;
}

void proc_parse_cgroup(const char *text, struct proc_process *ret)
{
	ret->cgroup[0] = '\0';
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		struct scan c = scan_of(line, n);
		bool unified = scan_starts(line, n, "0::");

		if (unified || scan_find(line, n, ":memory:")) {
			if (unified ? scan_past(&c, "::") : scan_past(&c, ":memory:"))
				scan_copy(ret->cgroup, sizeof(ret->cgroup), c.p, scan_left(&c));
			if (!unified)
				return; /* the memory controller of v1 decides where there is one */
		}
		line += n + (line[n] == '\n');
	}
}

/* ---- the live host ---- */

int proc_host_read(const char *procdir, struct proc_host *ret)
{
	struct strbuf text = { 0 };
	struct utsname u;
	char path[512];
	struct stat st;
	int err;

	memset(ret, 0, sizeof(*ret));
	ret->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	snprintf(path, sizeof(path), "%s/meminfo", procdir);
	err = proc_read(path, &text);
	if (!err && text.s)
		proc_parse_meminfo(text.s, ret);
	strbuf_free(&text);
	if (!uname(&u))
		scan_copy(ret->release, sizeof(ret->release), u.release, strlen(u.release));
	snprintf(path, sizeof(path), "%s/self/ns/pid", procdir);
	ret->init_pid_ns = !stat(path, &st) && st.st_ino == INIT_PID_NS;
	return err || !ret->ram_pages ? SIM_EIO : SIM_OK;
}

static bool read_text(const char *procdir, int pid, const char *file, struct strbuf *ret)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%d/%s", procdir, pid, file);
	return !proc_read(path, ret) && ret->s;
}

static bool read_int(const char *procdir, int pid, const char *file, struct strbuf *buf, int *ret)
{
	if (!read_text(procdir, pid, file, buf))
		return false;
	*ret = atoi(buf->s);
	return true;
}

/* A thread of the process that waits without being interruptible, as a parent does in vfork(). */
static bool some_thread_waits(const char *procdir, int pid)
{
	struct strbuf text = { 0 };
	char path[512];
	struct dirent *e;
	bool found = false;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%d/task", procdir, pid);
	d = opendir(path);
	while (d && !found && (e = readdir(d))) {
		struct proc_process t = { 0 };

		if (!scan_digit(e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/%d/task/%.20s/stat", procdir, pid, e->d_name);
		if (!proc_read(path, &text) && text.s && proc_parse_stat(text.s, &t))
			found = t.state == 'D';
	}
	if (d)
		closedir(d);
	strbuf_free(&text);
	return found;
}

/* /proc does not show it: a child that shares the memory of a parent which waits for it. */
static bool is_vfork_child(const char *procdir, const struct proc_process *p)
{
	if (p->ppid <= 0 || strcmp(procdir, "/proc"))
		return false;
	if (syscall(SYS_kcmp, (pid_t)p->pid, (pid_t)p->ppid, KCMP_VM, 0, 0) != 0)
		return false;
	return some_thread_waits(procdir, p->ppid);
}

/* Where the first thread has gone and others live on, the memory is seen through one of those. */
static bool other_thread(const char *procdir, const struct proc_host *h, struct proc_process *p, struct strbuf *buf)
{
	char path[512];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%d/task", procdir, p->pid);
	d = opendir(path);
	while (d && !p->has_mm && (e = readdir(d))) {
		struct proc_process t = { 0 };

		if (!scan_digit(e->d_name[0]) || atoi(e->d_name) == p->pid)
			continue;
		snprintf(path, sizeof(path), "%s/%d/task/%.20s/status", procdir, p->pid, e->d_name);
		if (proc_read(path, buf) || !buf->s || !proc_parse_status(buf->s, h, &t) || !t.has_mm)
			continue;
		snprintf(path, sizeof(path), "%s/%d/task/%.20s/stat", procdir, p->pid, e->d_name);
		if (proc_read(path, buf) || !buf->s || !proc_parse_stat(buf->s, &t))
			continue;
		p->has_mm = true;
		p->rss = t.rss;
		p->total_vm = t.total_vm;
		p->swapents = t.swapents;
		p->pgtables_bytes = t.pgtables_bytes;
		p->rss_anon = t.rss_anon;
		p->rss_file = t.rss_file;
		p->rss_shmem = t.rss_shmem;
	}
	if (d)
		closedir(d);
	return p->has_mm;
}

/* The kernel's score is read last, so that a change before it shows in the comparison of two readings. */
static bool read_once(const char *procdir, const struct proc_host *h, int pid, struct proc_process *ret)
{
	struct strbuf buf = { 0 };
	bool ok;

	memset(ret, 0, sizeof(*ret));
	ok = read_text(procdir, pid, "stat", &buf) && proc_parse_stat(buf.s, ret) &&
	     read_text(procdir, pid, "status", &buf) && proc_parse_status(buf.s, h, ret);
	if (ok && read_text(procdir, pid, "cgroup", &buf))
		proc_parse_cgroup(buf.s, ret);
	if (ok && !ret->has_mm && !ret->kthread && ret->threads > 1)
		other_thread(procdir, h, ret, &buf);
	if (ok && ret->has_mm)
		ret->in_vfork = is_vfork_child(procdir, ret);
	ok = ok && read_int(procdir, pid, "oom_score_adj", &buf, &ret->oom_score_adj) &&
	     read_int(procdir, pid, "oom_score", &buf, &ret->oom_score);
	strbuf_free(&buf);
	return ok;
}

static bool same(const struct proc_process *a, const struct proc_process *b)
{
	return a->start_ticks == b->start_ticks && a->has_mm == b->has_mm && a->rss == b->rss &&
	       a->swapents == b->swapents && a->pgtables_bytes == b->pgtables_bytes &&
	       a->oom_score_adj == b->oom_score_adj && a->oom_score == b->oom_score && a->in_vfork == b->in_vfork;
}

int proc_process_read(const char *procdir, const struct proc_host *h, int pid, unsigned tries, struct proc_process *ret,
		      bool *ret_steady)
{
	struct proc_process before;

	if (!read_once(procdir, h, pid, &before))
		return SIM_EINPUT;
	for (unsigned i = 0; i < tries; i++) {
		if (!read_once(procdir, h, pid, ret))
			return SIM_EINPUT;
		*ret_steady = same(&before, ret);
		if (*ret_steady)
			return SIM_OK;
		before = *ret;
	}
	*ret = before;
	return SIM_OK;
}

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int proc_list(const char *procdir, int **ret, size_t *ret_n)
{
	DIR *d = opendir(procdir);
	size_t n = 0, cap = 0;
	int *v = NULL;
	struct dirent *e;

	if (!d)
		return SIM_EIO;
	while ((e = readdir(d))) {
		if (!scan_digit(e->d_name[0]))
			continue;
		if (n == cap) {
			int *bigger = realloc(v, (cap ? cap * 2 : 256) * sizeof(*v));

			if (!bigger) {
				free(v);
				closedir(d);
				return SIM_ENOMEM;
			}
			v = bigger;
			cap = cap ? cap * 2 : 256;
		}
		v[n++] = atoi(e->d_name);
	}
	closedir(d);
	if (n)
		qsort(v, n, sizeof(*v), by_number);
	*ret = v;
	*ret_n = n;
	return SIM_OK;
}
