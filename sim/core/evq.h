/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event queue: a tournament tree with one slot a source (a CPU, a device, a timer), each slot holding at most one
 * pending event. Order is total: (when, kind, slot's arming sequence). reference: performance.md measured this shape
 * against heaps, calendars and ladders.
 */
#ifndef OOMSIM_CORE_EVQ_H
#define OOMSIM_CORE_EVQ_H

#include "sim/core/alloc.h"
#include "sim/core/units.h"

struct evq;

/* A queue with no slots yet. Returns SIM_OK or SIM_ENOMEM. `a` must outlive the queue. */
int evq_new(const struct sim_alloc *a, struct evq **ret);
void evq_free(struct evq *q);

/* A new slot, numbered from 0 upwards, or SIM_ENOMEM (negative). Freed slots are reused, lowest first. */
int32_t evq_slot_new(struct evq *q);
void evq_slot_free(struct evq *q, int32_t slot); /* also disarms it */

/* Arm (or re-arm) a slot: its event is due at `when` (SIM_NEVER disarms). Lower `kind` (0..255) goes first at equal times;
 * at equal time and kind the slot armed earlier goes first. */
void evq_arm(struct evq *q, int32_t slot, sim_ns when, uint8_t kind);
void evq_disarm(struct evq *q, int32_t slot);
sim_ns evq_when(const struct evq *q, int32_t slot); /* SIM_NEVER if not armed */

/* Time of the next event; SIM_NEVER if there is none. O(1). */
sim_ns evq_next(const struct evq *q);
/* Take the next event off: its slot (now disarmed), or -1. */
int32_t evq_pop(struct evq *q, sim_ns *ret_when, uint8_t *ret_kind);

#endif
