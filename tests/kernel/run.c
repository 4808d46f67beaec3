/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A workload process: becomes who it is to be, then interprets its steps, as sim/proc/program.c and step_family.c do. */
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHILD_STACK (64 * 1024)

static void run(struct ctx *c, uint32_t i, uint32_t end);

static void enroll(struct ctx *c, const char *comm)
{
	uint32_t i = __atomic_fetch_add(&slots->n, 1, __ATOMIC_RELAXED);

	c->me = &slots->slot[i < MAX_SLOT ? i : MAX_SLOT - 1];
	snprintf(c->me->comm, sizeof(c->me->comm), "%s", comm);
	c->rng[0] = prog->seed * 0x9e3779b97f4a7c15ull + 0x632be59bd9b4e019ull * (i + 1);
	c->rng[1] = 88172645463325252ull + 7919 * (i + 1);
	prctl(PR_SET_NAME, comm);
	c->me->pid = (int32_t)syscall(SYS_getpid);
}

/* ---- children ---- */

void reap(int sig)
{
	int status, pid, saved = errno;

	(void)sig;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		note_exit(pid, status);
	errno = saved;
}

/* PID 1 asks for a child: instance si_value of the plan. */
static void spawn(int sig, siginfo_t *si, void *context)
{
	int saved = errno;

	(void)sig;
	(void)context;
	start_instance((uint32_t)si->si_value.sival_int);
	errno = saved;
}

static void handle_signals(void)
{
	struct sigaction chld = { .sa_handler = reap, .sa_flags = SA_RESTART };
	struct sigaction usr1 = { .sa_sigaction = spawn, .sa_flags = SA_RESTART | SA_SIGINFO };
	sigset_t none;

	sigaction(SIGCHLD, &chld, NULL);
	sigaction(SIGUSR1, &usr1, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void block_chld(sigset_t *old)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, SIGCHLD);
	sigprocmask(SIG_BLOCK, &s, old);
}

/* NAME.N as sim/proc/exec.c's program_comm() cuts it. */
static void child_comm(char ret[COMM], const char *parent, uint64_t n)
{
	char number[24];
	int digits = snprintf(number, sizeof(number), "%llu", (unsigned long long)n), keep = COMM - 2 - digits;

	snprintf(ret, COMM, "%.*s.%s", keep < 10 ? keep : 10, parent, number);
}

static __attribute__((noreturn)) void child(struct ctx *parent, const struct step *s, const char *comm)
{
	struct ctx c = { .space = parent->space, .nthread = 1 };

	enroll(&c, comm);
	run(&c, (uint32_t)(s - prog->step) + 1, (uint32_t)(s - prog->step) + 1 + s->body);
	_exit(0);
}

static void step_fork(struct ctx *c, const struct step *s)
{
	char comm[COMM];
	sigset_t old;
	uint64_t i;
	int pid;

	for (i = 0; i < (s->count ? s->count : 1); i++) {
		if (s->region[0])
			snprintf(comm, sizeof(comm), "%s", s->region);
		else
			child_comm(comm, c->me->comm, i);
		block_chld(&old);
		pid = fork();
		sigprocmask(SIG_SETMASK, &old, NULL);
		if (!pid)
			child(c, s, comm);
		if (pid < 0) {
			event(c->me->comm, c->me->pid, "fork %llu failed errno=%d", (unsigned long long)i, errno);
			break;
		}
		if (s->time.kind || s->time.p[0] > 0)
			sleep_until(now() + (int64_t)dist_draw(c, &s->time));
	}
	event(c->me->comm, c->me->pid, "forked %llu", (unsigned long long)i);
}

struct clone_arg {
	struct ctx *c;
	const struct step *s;
};

static int clone_main(void *arg)
{
	struct clone_arg *a = arg;

	child(a->c, a->s, a->s->region[0] ? a->s->region : a->c->me->comm);
}

/* A child in the same memory, on a stack of its own; vfork(): the parent waits. */
static void step_clone(struct ctx *c, const struct step *s)
{
	int flags = CLONE_VM | SIGCHLD | (s->op == OP_VFORK ? CLONE_VFORK : 0);
	struct clone_arg *a = malloc(sizeof(*a));
	char *stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!a || stack == MAP_FAILED) {
		event(c->me->comm, c->me->pid, "clone failed errno=%d", errno);
		return;
	}
	*a = (struct clone_arg){ c, s };
	if (clone(clone_main, stack + CHILD_STACK, flags, a) < 0)
		event(c->me->comm, c->me->pid, "clone failed errno=%d", errno);
}

static void step_wait(void)
{
	siginfo_t si;
	sigset_t old;

	block_chld(&old);
	for (;;) {
		reap(0);
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT))
			break;
		sigsuspend(&old);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* ---- threads: one step at a time is shared by all ---- */

struct team {
	pthread_barrier_t begin, end;
	uint32_t step;
	struct ctx *member;
};

/* So much CPU time, however long it takes to get it. */
static void spin(uint64_t ns)
{
	struct timespec t;
	uint64_t end = 0, used;

	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
		used = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
		if (!end)
			end = used + ns;
	} while (used < end);
}

static void run_part(struct ctx *c, const struct step *s)
{
	switch (s->op) {
	case OP_LEAK:
		step_leak(c, s);
		return;
	case OP_TOUCH:
		step_touch(c, s);
		return;
	case OP_SPIN:
		spin(thread_share(c, dist_draw(c, &s->time)));
		return;
	default:
		step_file(c, s);
	}
}

static void *worker(void *arg)
{
	struct ctx *c = arg;

	for (;;) {
		pthread_barrier_wait(&c->team->begin);
		run_part(c, &prog->step[c->team->step]);
		pthread_barrier_wait(&c->team->end);
	}
	return NULL;
}

static void make_team(struct ctx *c, uint32_t n)
{
	struct team *t = calloc(1, sizeof(*t));
	pthread_attr_t attr;
	pthread_t thread;

	t->member = calloc(n, sizeof(*t->member));
	pthread_barrier_init(&t->begin, NULL, n);
	pthread_barrier_init(&t->end, NULL, n);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, CHILD_STACK);
	c->team = t;
	c->nthread = n;
	for (uint32_t i = 1; i < n; i++) {
		t->member[i] = *c;
		t->member[i].thread = i;
		t->member[i].rng[1] += i;
		if (pthread_create(&thread, &attr, worker, &t->member[i]))
			event(c->me->comm, c->me->pid, "thread %u failed", i);
	}
}

static void run_parallel(struct ctx *c, const struct step *s)
{
	if (s->op == OP_LEAK)
		step_leak_prepare(c, s);
	if (c->nthread == 1) {
		run_part(c, s);
		return;
	}
	c->team->step = (uint32_t)(s - prog->step);
	pthread_barrier_wait(&c->team->begin);
	run_part(c, s);
	pthread_barrier_wait(&c->team->end);
}

/* ---- control ---- */

static void step_loop(struct ctx *c, const struct step *s, uint32_t i)
{
	for (uint64_t k = 0; !s->count || k < s->count; k++)
		run(c, i + 1, i + 1 + s->body);
}

static void step_choose(struct ctx *c, const struct step *s, uint32_t i)
{
	double sum = 0, x;
	uint32_t b, end = i + 1 + s->body;

	for (b = i + 1; b < end; b += 1 + prog->step[b].body)
		sum += prog->step[b].weight;
	x = rnd_unit(c) * sum;
	for (b = i + 1; b + 1 + prog->step[b].body < end && x >= prog->step[b].weight; b += 1 + prog->step[b].body)
		x -= prog->step[b].weight;
	if (b < end)
		run(c, b + 1, b + 1 + prog->step[b].body);
}

static void write_adj(struct ctx *c, int64_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	if (spit("/proc/self/oom_score_adj", text))
		event(c->me->comm, c->me->pid, "oom_score_adj errno=%d", errno);
}

static void plain_step(struct ctx *c, const struct step *s)
{
	switch (s->op) {
	case OP_MMAP:
		step_mmap(c, s);
		break;
	case OP_MLOCK:
	case OP_MUNLOCK:
		step_lock(c, s);
		break;
	case OP_MUNMAP:
		step_munmap(c, s);
		break;
	case OP_MADVISE:
		step_madvise(c, s);
		break;
	case OP_FORK:
		step_fork(c, s);
		break;
	case OP_VFORK:
	case OP_CLONE_VM:
		step_clone(c, s);
		break;
	case OP_SLEEP:
		sleep_until(now() + (int64_t)dist_draw(c, &s->time));
		break;
	case OP_ADJ:
		write_adj(c, s->value);
		break;
	case OP_SYSCTL:
	case OP_CGROUP_WRITE:
		write_as_root(c, s->region, s->value);
		break;
	case OP_WAIT:
		step_wait();
		break;
	case OP_EXIT:
		_exit((int)s->value);
	default:
		run_parallel(c, s);
	}
}

/* Steps i..end-1; those inside another are passed over. */
static void run(struct ctx *c, uint32_t i, uint32_t end)
{
	for (; i < end; i += 1 + prog->step[i].body) {
		const struct step *s = &prog->step[i];

		if (s->op == OP_LOOP)
			step_loop(c, s, i);
		else if (s->op == OP_CHOOSE)
			step_choose(c, s, i);
		else
			plain_step(c, s);
	}
}

void run_instance(uint32_t i)
{
	const struct instance *in = &prog->inst[i];
	const struct proc *p = &prog->proc[in->proc];
	struct ctx c = { .nthread = 1 };

	enroll(&c, in->comm);
	handle_signals();
	become(p);
	c.space = space_new();
	if (p->threads > 1)
		make_team(&c, p->threads);
	run(&c, p->first, p->first + p->nstep);
	_exit(0);
}
