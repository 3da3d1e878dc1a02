// The messages between coordinator, workers and node agents, as protoc-c generates them from Protos/.
#pragma once

#include "storyfarm/v1/envelope.pb-c.h"
