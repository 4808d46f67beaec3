/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * QEMU with deterministic time: TCG with -icount, where an instruction is 2 ns and idle time is skipped. The guest gets its plan by
 * an ivshmem device and leaves its records there (sim/guest/region.h).
 */
#include "sim/cli/guest_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/load.h"
#include "sim/cli/tee.h"
#include "sim/sink/folder.h"

#define QEMU       "qemu-system-x86_64"
#define CLOCK      "shift=1,sleep=off"
#define POLL_NS    (50 * NS_PER_MS)
#define SETUP_FAILED "setup failed: " /* tests/kernel/guest.c, die() */

/* ---- the region ---- */

static const struct region_head region_empty = {
	.magic = REGION_MAGIC,
	.version = REGION_VERSION,
	.events = { REGION_EVENTS, REGION_HEAD - REGION_EVENTS, 0 },
	.samples = { REGION_SAMPLES, REGION_DMESG - REGION_SAMPLES, 0 },
	.dmesg = { REGION_DMESG, REGION_BLOCKS - REGION_DMESG, 0 },
};

static int make_region(struct guest_run *r, char path[GUEST_PATH])
{
	int fd;

	guest_path(r, "region", path);
	r->region_size = r->plan->ndisk ? REGION_LARGE : REGION_SMALL;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && !ftruncate(fd, (off_t)r->region_size))
		r->region = mmap(NULL, r->region_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || !r->region || r->region == MAP_FAILED) {
		cli_error("%s: %s", path, strerror(errno));
		r->region = NULL;
		return EXIT_IO;
	}
	close(fd);
	memcpy(r->region, &region_empty, sizeof(region_empty));
	memcpy((char *)r->region + REGION_PLAN, r->plan->text.s, r->plan->text.len + 1);
	return EXIT_DONE;
}

static bool all_zero(const unsigned char *p, size_t n)
{
	return !*p && !memcmp(p, p + 1, n - 1);
}

/* The blocks of a file system that are not zero. */
static int take_blocks(struct guest_run *r, const char *path, uint32_t disk)
{
	struct region_head *h = r->region;
	struct region_block *b = (struct region_block *)((char *)r->region + REGION_BLOCKS);
	size_t room = (r->region_size - REGION_BLOCKS) / sizeof(*b);
	unsigned char data[REGION_BLOCK];
	FILE *f = fopen(path, "re");

	for (uint32_t n = 0; f && fread(data, sizeof(data), 1, f) == 1; n++) {
		if (all_zero(data, sizeof(data)))
			continue;
		if (h->nblock == room) {
			fclose(f);
			cli_error("the file systems' own blocks take more than 128 MiB");
			return EXIT_BAD_INPUT;
		}
		b[h->nblock] = (struct region_block){ .disk = disk, .block = n };
		memcpy(b[h->nblock++].data, data, sizeof(data));
	}
	if (f)
		fclose(f);
	return f ? EXIT_DONE : EXIT_IO;
}

static int make_disks(struct guest_run *r)
{
	char path[GUEST_PATH];
	int status = EXIT_DONE;

	guest_path(r, "ext4", path);
	for (unsigned i = 0; !status && i < r->plan->ndisk; i++) {
		status = tool_make_ext4(path, r->plan->disk_mib[i]);
		if (!status)
			status = take_blocks(r, path, i);
		unlink(path);
	}
	return status;
}

/* ---- QEMU ---- */

/* A null_blk device takes its size, an index and a memory map of RAM. */
static uint64_t machine_mib(const struct guest_plan *p)
{
	return p->ram_mib + (p->disks_mib ? p->disks_mib * 103 / 100 + 1 : 0);
}

static void start_qemu(const struct guest_run *r, const char *kernel, const char *initrd, const char *region)
{
	char memory[32], object[GUEST_PATH + 80], serial[GUEST_PATH + 16], console[GUEST_PATH], errors[GUEST_PATH];
	int fd;

	guest_path(r, "console", console);
	guest_path(r, "errors", errors);
	snprintf(memory, sizeof(memory), "%llu", (unsigned long long)machine_mib(r->plan));
	snprintf(object, sizeof(object), "memory-backend-file,id=region,size=%zu,mem-path=%s,share=on", r->region_size, region);
	snprintf(serial, sizeof(serial), "file:%s", console);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(errors, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	dup2(fd, STDERR_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	execlp(QEMU, QEMU, "-machine", "pc", "-cpu", "qemu64,+rdrand", "-m", memory, "-smp", "1", "-accel", "tcg", "-icount", CLOCK,
	       "-nodefaults", "-display", "none", "-no-reboot", "-seed", "1", "-rtc", "base=2025-01-01T00:00:00,clock=vm", "-serial",
	       serial, "-device", "isa-debug-exit,iobase=0xf4", "-object", object, "-device", "ivshmem-plain,memdev=region", "-kernel",
	       kernel, "-initrd", initrd, "-append",
	       "console=ttyS0 quiet loglevel=1 panic=-1 nokaslr norandmaps mitigations=off tsc=reliable no_timer_check "
	       "cryptomgr.notests random.trust_cpu=on psi=1 swiotlb=noforce transparent_hugepage=never",
	       (char *)NULL);
	_exit(127);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

static void show_progress(const struct guest_run *r, uint64_t ns)
{
	if (!r->o->quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\rLinux %s in QEMU: %llu s\r", r->k->image.release, (unsigned long long)(ns / NS_PER_SEC));
}

static void wait_for_qemu(struct guest_run *r, pid_t pid)
{
	uint64_t begin = now_ns(), limit = r->o->timeout_s * NS_PER_SEC;
	int status = 0;
	pid_t got;

	while (!(got = waitpid(pid, &status, WNOHANG)) || (got < 0 && errno == EINTR)) {
		r->timed_out |= now_ns() - begin > limit;
		if (r->timed_out || interrupt_seen())
			kill(pid, SIGKILL);
		show_progress(r, now_ns() - begin);
		nanosleep(&(struct timespec){ .tv_nsec = (long)POLL_NS }, NULL);
	}
	r->qemu_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int boot(struct guest_run *r)
{
	char kernel[GUEST_PATH], initrd[GUEST_PATH], region[GUEST_PATH];
	int status = guest_write_kernel(r, kernel);
	pid_t pid;

	if (!status)
		status = guest_write_initramfs(r, initrd);
	if (!status)
		status = make_region(r, region);
	if (!status)
		status = make_disks(r);
	if (status)
		return status;
	pid = fork();
	if (!pid)
		start_qemu(r, kernel, initrd, region);
	if (pid < 0) {
		cli_error("fork: %s", strerror(errno));
		return EXIT_BROKEN;
	}
	wait_for_qemu(r, pid);
	return interrupt_seen() ? SIM_EINTERRUPTED : EXIT_DONE;
}

/* ---- what came of it ---- */

static char *area_text(const struct guest_run *r, const struct region_area *a)
{
	uint64_t n = u64_min(a->len, a->cap);

	return strndup((const char *)r->region + a->off, n);
}

static void read_text(const struct guest_run *r, const char *name, struct strbuf *ret)
{
	char path[GUEST_PATH];

	guest_path(r, name, path);
	cli_read_file(path, ret);
	strbuf_puts(ret, "");
}

static const char *last_line(const char *text)
{
	const char *end = text + strlen(text);

	while (end > text && end[-1] == '\n')
		end--;
	while (end > text && end[-1] != '\n')
		end--;
	return end;
}

/* Say why there is nothing to compare. EXIT_DONE: there is. */
static int judge(const struct guest_run *r, const char *events, const char *errors, const char *console)
{
	const struct region_head *h = r->region;
	const char *why;

	if (r->timed_out) {
		cli_error("the guest was stopped after %u s of host time (--timeout); what it had recorded by then is kept with -o",
			  r->o->timeout_s);
		return EXIT_IO;
	}
	if (h->state == REGION_FAILED) {
		why = strstr(last_line(events), SETUP_FAILED);
		cli_error("the guest could not be set up%s%.*s", why ? ": " : "", why ? (int)strcspn(why + strlen(SETUP_FAILED), "\n") : 0,
			  why ? why + strlen(SETUP_FAILED) : "");
		return EXIT_IO;
	}
	if (h->state == REGION_NEW) {
		cli_error("the guest never started (QEMU's exit status %d)%s%s%s%s", r->qemu_status, *errors ? ": " : "", errors,
			  *console ? "; the end of its console: " : "", last_line(console));
		return EXIT_IO;
	}
	return EXIT_DONE;
}

static int keep(const struct guest_run *r, const char *scenario, const char *dir)
{
	const struct region_head *h = r->region;
	struct strbuf console = { 0 }, errors = { 0 };
	char kernel[SIM_NAME_LEN], why[RECORDING_WHY];
	struct guest_raw raw = { area_text(r, &h->events), area_text(r, &h->samples), area_text(r, &h->dmesg), NULL, h->state };
	int status;

	read_text(r, "console", &console);
	read_text(r, "errors", &errors);
	raw.console = console.s ? console.s : "";
	snprintf(kernel, sizeof(kernel), "%s", r->k->image.release);
	if (strchr(kernel, '.') && strchr(strchr(kernel, '.') + 1, '.'))
		*strchr(strchr(kernel, '.') + 1, '.') = 0;
	status = judge(r, raw.events ? raw.events : "", errors.s ? errors.s : "", raw.console);
	if (!raw.events || !raw.samples || !raw.dmesg) {
		cli_error("%s", sim_strerror(SIM_ENOMEM));
		status = EXIT_BROKEN;
	} else if (h->state != REGION_NEW && !kernel_recording_store(dir, &raw,
					   &(struct guest_run_meta){ .scenario = scenario,
								     .kernel = kernel,
								     .image = r->k->image.release,
								     .clock = "icount:" CLOCK,
								     .plan = r->plan->text.s,
								     .notes = r->plan->notes.s ? r->plan->notes.s : "",
								     .ram_mib = r->plan->ram_mib,
								     .timed_out = r->timed_out,
								     .qemu_status = r->qemu_status,
								     .qemu_stderr = errors.s ? errors.s : "" },
					   why)) {
		cli_error("%s", why);
		status = EXIT_IO;
	}
	free(raw.events);
	free(raw.samples);
	free(raw.dmesg);
	strbuf_free(&console);
	strbuf_free(&errors);
	return status;
}

static int possible(const struct guest_plan *plan)
{
	uint64_t need = machine_mib(plan) * MIB + REGION_SMALL, have = host_memory_available();
	char a[32], b[32];

	if (plan->refused) {
		cli_error("the guest cannot run this scenario: it has %s", plan->refused);
		return EXIT_BAD_INPUT;
	}
	if (!tool_exists(QEMU))
		return tool_missing(QEMU, "qemu-system-x86", "boots the kernel");
	if (need <= have)
		return EXIT_DONE;
	cli_human_bytes(a, need);
	cli_human_bytes(b, have);
	cli_error("the guest takes %s of host memory, its swap and disks included, and this host has %s available", a, b);
	return EXIT_BAD_INPUT;
}

int guest_run(const struct guest_options *o, const struct guest_kernel *k, const struct guest_plan *plan, const char *scenario,
	      const char *dir)
{
	struct guest_run r = { .o = o, .k = k, .plan = plan };
	const char *tmp = getenv("TMPDIR");
	struct sink_error e = { 0 };
	struct folder work;
	char target[GUEST_PATH];
	int status = possible(plan);

	if (status)
		return status;
	snprintf(target, sizeof(target), "%s/oomsim-guest-%ld", tmp && *tmp ? tmp : "/tmp", (long)getpid());
	if (folder_open(&work, target, &e)) {
		cli_error("%s", e.text);
		folder_free(&work);
		return EXIT_IO;
	}
	snprintf(r.dir, sizeof(r.dir), "%s", work.tmp);
	status = boot(&r);
	if (!status)
		status = keep(&r, scenario, dir);
	if (r.region)
		munmap(r.region, r.region_size);
	folder_free(&work);
	return status;
}
