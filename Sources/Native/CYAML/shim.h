#pragma once
// Swift calls libyaml's functions directly: the parser that yields events, nothing of its emitter or its documents.
#include <yaml.h>
