/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logarithm, exponential and power built from IEEE-exact operations alone (+ - * / sqrt), so that every machine and compiler
 * gives the same bits. Relative error below 1e-14 where the result is normal. Build with -ffp-contract=off. */
#ifndef OOMSIM_CORE_FMATH_H
#define OOMSIM_CORE_FMATH_H

double fm_log(double x);            /* natural logarithm; x > 0 */
double fm_log1p(double x);          /* log(1 + x), exact for small x; x > -1 */
double fm_exp(double x);            /* 0 below -745, +inf above 709.78 */
double fm_pow(double x, double y);  /* x > 0 */

#endif
