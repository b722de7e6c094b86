/* bare.h: a message file without an envelope becomes a record. */
#ifndef MM_BARE_H
#define MM_BARE_H

#include "record.h"

/* Reads the file at path ("-": standard input).  Fields come from `given`, what
 * is missing there from the message: mail-from from Return-Path, else From;
 * rcpt-to from Delivered-To and X-Original-To, else To and Cc.  A new id and
 * the present time, unless given.  Line ends LF become CRLF when the message has
 * no CRLF; an mbox "From " line is dropped.  NULL after an error was logged. */
struct record *bare_read(const char *path, const struct record *given);

/* Adds what a record that has its octets lacks of these fields, as above. */
void bare_complete(struct record *r);

/* Checks and adds one option's value as a field: addresses get their brackets.
 * False, with the reason logged, when the value is no such thing. */
bool bare_option(struct record *given, const char *field, struct str value);

#endif
