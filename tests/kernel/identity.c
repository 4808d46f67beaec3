/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a workload process is. */
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALL_CAPS 0xffffffffu

static uint32_t user, effective = ALL_CAPS; /* user and capabilities that the process goes about with */

static void capset_effective(uint32_t caps)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = { { caps, ALL_CAPS, 0 }, { caps == ALL_CAPS ? caps : 0, ALL_CAPS, 0 } };

	syscall(SYS_capset, &h, d);
}

/* Bits of enum sim_capability (sim/world/config.h) as the kernel's. */
static uint32_t capabilities(uint32_t sim)
{
	static const int bit[] = { CAP_SYS_ADMIN, CAP_SYS_RAWIO, CAP_SYS_RESOURCE, CAP_IPC_LOCK };
	uint32_t caps = 0;

	if (sim == 15)
		return ALL_CAPS;
	for (int i = 0; i < NEL(bit); i++)
		if (sim & 1u << i)
			caps |= 1u << bit[i];
	return caps;
}

/* Change the effective user, and with it the capabilities in effect. The process stays dumpable: else its files in /proc would be
 * root's. */
static void act_as(uint32_t uid, uint32_t caps)
{
	syscall(SYS_setresuid, -1, uid, -1);
	prctl(PR_SET_DUMPABLE, 1);
	capset_effective(caps);
}

/* The saved user stays root, which write_as_root() comes back to; scores and limits look at the real and the effective one. */
void become(const struct proc *p)
{
	user = p->uid;
	effective = capabilities(p->caps);
	if (user && (syscall(SYS_setresgid, user, user, user) || syscall(SYS_setresuid, user, 0, 0)))
		event(p->comm, getpid(), "setuid errno=%d", errno);
	act_as(user, effective);
}

/* A file that takes root to write (/proc/sys looks at the user, not at capabilities); the scenario's processes may. */
void write_as_root(struct ctx *c, const char *path, int64_t value)
{
	char text[32] = "max";
	int err = 0;

	if (value != INT64_MAX)
		snprintf(text, sizeof(text), "%lld", (long long)value);
	act_as(0, ALL_CAPS);
	if (spit(path, text))
		err = errno;
	act_as(user, effective);
	event(c->me->comm, c->me->pid, "write %s %s errno=%d", path, text, err);
}
