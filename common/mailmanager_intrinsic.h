/* mailmanager_intrinsic.h: what the functions of a CloudFormation template stand
 * for, as far as a site needs it. */
#ifndef MM_MAILMANAGER_INTRINSIC_H
#define MM_MAILMANAGER_INTRINSIC_H

#include <jansson.h>

/* A copy of v in which Ref and Fn::GetAtt are the name of the resource that they
 * mean (of a parameter its Default), and Fn::Sub is its text, names in it put in.
 * Others stay. */
json_t *intrinsics_replaced(const json_t *v, const json_t *template_root);

#endif
