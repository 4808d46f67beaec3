/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/names.h"

#include "sim/world/record.h"

const char *panic_reason_name(int reason)
{
	switch (reason) {
	case PANIC_DEADLOCK:
		return "System is deadlocked on memory";
	case PANIC_ON_OOM:
		return "Out of memory: system-wide panic_on_oom is enabled";
	case PANIC_ON_OOM_COMPULSORY:
		return "Out of memory: compulsory panic_on_oom is enabled";
	default:
		return "unknown";
	}
}

const char *run_end_text(int end)
{
	return end >= RUN_HORIZON && end <= RUN_PANIC ? run_end_name[end] : "unknown";
}

const char *step_name(int64_t op)
{
	static const char *const name[] = {
#define X(id, name, help) name,
		STEP_MAP(X)
#undef X
	};

	return op >= 0 && op < (int64_t)ARRAY_LEN(name) ? name[op] : "unknown";
}

const char *sysctl_name(int64_t index)
{
	static const char *const name[] = {
#define X(name, def, min, max, unit, help) "vm." #name,
		SYSCTL_MAP(X)
#undef X
	};

	return index >= 0 && index < (int64_t)ARRAY_LEN(name) ? name[index] : "unknown";
}
