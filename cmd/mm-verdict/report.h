/* report.h: a verdict for a person to read. */
#ifndef MM_VERDICT_REPORT_H
#define MM_VERDICT_REPORT_H

#include <stdio.h>

#include "record.h"
#include "verdict.h"

void report_print(FILE *out, const struct record *rec, const struct verdict *v);

#endif
