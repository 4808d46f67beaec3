/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the scenario's processes begin, end and begin again. */
#define _GNU_SOURCE
#include "guest.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void in_child(const struct proc *p, uint32_t i)
{
	char path[256], number[16];
	sigset_t usr1; /* blocked until the program can take it (run.c) */

	sched_setscheduler(0, p->rt ? SCHED_FIFO : SCHED_OTHER, &(struct sched_param){ .sched_priority = (int)p->rt });
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_SETMASK, &usr1, NULL);
	signal(SIGCHLD, SIG_DFL);
	setsid();
	setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY });
	setpriority(PRIO_PROCESS, 0, p->nice);
	if (p->group) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup/%s/cgroup.procs", prog->group[p->group - 1]);
		spit(path, "0");
	}
	snprintf(number, sizeof(number), "%d", p->adj);
	spit("/proc/self/oom_score_adj", number);
	snprintf(number, sizeof(number), "%u", i);
	/* exec, so that nothing of the starter is left in the workload's memory */
	execl("/init", "/init", number, NULL);
	_exit(127);
}

int start_instance(uint32_t i)
{
	struct instance *in = &prog->inst[i];
	int pid = fork();

	if (!pid)
		in_child(&prog->proc[in->proc], i);
	in->pid = pid > 0 ? pid : -1;
	in->started = (uint64_t)(now() - prog->t0);
	event(in->comm, in->pid, pid > 0 ? "start" : "start failed");
	return pid;
}

/* The first living process of a plan's entry; 0: none. */
static int living(int32_t proc)
{
	for (uint32_t i = 0; proc >= 0 && i < prog->ninst; i++)
		if (prog->inst[i].proc == (uint32_t)proc && prog->inst[i].pid > 0 && !kill(prog->inst[i].pid, 0))
			return prog->inst[i].pid;
	return 0;
}

/* A process of the scenario may be another's child: then that one is asked to start it (run.c). */
void start(uint32_t i)
{
	int parent = living(prog->proc[prog->inst[i].proc].parent);

	prog->inst[i].pid = -1; /* until it has a pid */
	if (!parent || sigqueue(parent, SIGUSR1, (union sigval){ .sival_int = (int)i }))
		start_instance(i);
}

/* A container's first process is gone: end the others of its cgroup. */
static void end_group(uint32_t group)
{
	char path[256], text[4096], *p = text;
	long pid;

	if (!group)
		return;
	snprintf(path, sizeof(path), "/sys/fs/cgroup/%s/cgroup.procs", prog->group[group - 1]);
	slurp(path, text, sizeof(text));
	while ((pid = strtol(p, &p, 10)) > 0)
		kill((pid_t)pid, SIGKILL);
}

/* As sim/proc/restart.c: by policy, after a delay that grows. */
static void restart(struct instance *in, int code)
{
	const struct proc *p = &prog->proc[in->proc];
	uint64_t t = (uint64_t)(now() - prog->t0);

	in->pid = -1;
	if (!p->restart)
		return;
	end_group(p->group);
	if (p->restart == 1 && !code)
		return;
	if (t - in->started >= p->forget)
		in->in_row = 0;
	in->at = t + p->delay[in->in_row < 8 ? in->in_row : 7];
	in->in_row++;
	in->pid = 0;
}

void note_exit(int pid, int status)
{
	int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	const char *comm = "?";

	for (uint32_t i = 0; i < slots->n && i < MAX_SLOT; i++)
		if (slots->slot[i].pid == pid)
			comm = slots->slot[i].comm;
	if (WIFSIGNALED(status))
		event(comm, pid, "exit signal=%d", WTERMSIG(status));
	else
		event(comm, pid, "exit code=%d", code);
	for (uint32_t i = 0; i < prog->ninst; i++)
		if (prog->inst[i].pid == pid)
			restart(&prog->inst[i], code);
}
