/// The forms of bodies and answers as JSON Schema: what the module `Control` says in Swift, for everybody else.
///
/// What need not be there is left out by the farm, and may be null in a request.
enum Forms {
    static let all: JSONValue = {
        do { return try JSONValue(parsing: text) } catch { preconditionFailure("the forms are no JSON: \(error)") }
    }()

    private static let text = #"""
        {
          "Problem": {
            "type": "object", "required": ["status", "code", "detail"],
            "properties": {
              "status": {"type": "integer"},
              "code": {
                "type": "string",
                "description": "As notFound, invalid, conflict, limit, unavailable, unauthorized, forbidden, internal"
              },
              "detail": {"type": "string"},
              "field": {
                "type": "string",
                "description": "A key of the body or the query, a header, or a place in the script."
              },
              "limit": {
                "type": "object", "required": ["name", "value"],
                "properties": {"name": {"type": "string"}, "value": {"type": "integer"}}
              },
              "retryAfterSeconds": {"type": "integer", "minimum": 0}
            }
          },
          "Health": {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}},
          "HealthReport": {
            "type": "object", "required": ["isReady", "checks"],
            "properties": {
              "isReady": {"type": "boolean"},
              "checks": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["name"],
                  "properties": {"name": {"type": "string"}, "problem": {"type": ["string", "null"]}}
                }
              }
            }
          },

          "StorySubmission": {
            "type": "object", "required": ["script"],
            "properties": {
              "script": {"type": "string", "description": "A story script, YAML or JSON; at most 1 MiB."},
              "name": {
                "type": ["string", "null"],
                "description": "Its file name, at most 1,024 bytes: says the format (.json, else YAML)."
              },
              "overrides": {
                "type": ["array", "null"], "maxItems": 1000,
                "items": {"type": "string", "description": "As blending.gamma=0.3"}
              },
              "token": {
                "type": ["string", "null"],
                "description":
                  "With the same one a story is taken only once, and no other story is taken; at most 128 bytes."
              },
              "priority": {
                "type": ["integer", "null"],
                "format": "int64",
                "description": "The larger goes first; above 0 wants the role operator."
              },
              "allowsSimulation": {"type": ["boolean", "null"]}
            }
          },
          "StoryReceipt": {
            "type": "object", "required": ["id", "isNew", "segments"],
            "properties": {
              "id": {"type": "integer"}, "isNew": {"type": "boolean"}, "segments": {"type": "integer"}
            }
          },
          "PriorityRequest": {
            "type": "object", "required": ["priority"],
            "properties": {
              "priority": {"type": "integer",
              "format": "int64"}
            }
          },
          "RevisionRequest": {
            "type": "object", "required": ["segment"],
            "properties": {
              "segment": {"type": "integer", "minimum": 1, "maximum": 10000},
              "scene": {"type": ["string", "null"], "minLength": 1},
              "action": {"type": ["string", "null"], "minLength": 1},
              "seed": {"type": ["integer", "null"], "minimum": 0, "format": "uint64"}
            }
          },
          "DrainRequest": {
            "type": "object", "required": ["isDraining"], "properties": {"isDraining": {"type": "boolean"}}
          },

          "StoryOverview": {
            "type": "object",
            "required": [
              "id", "title", "submitter", "state", "isPaused",
              "priority", "segments", "finishedSegments", "playableSegments"
            ],
            "properties": {
              "id": {"type": "integer"}, "title": {"type": "string"}, "submitter": {"type": "string"},
              "state": {"enum": ["queued", "rendering", "assembling", "finished", "failed", "cancelled"]},
              "isPaused": {"type": "boolean"}, "priority": {"type": "integer"}, "segments": {"type": "integer"},
              "finishedSegments": {"type": "integer"}, "playableSegments": {"type": "integer"},
              "note": {"type": "string"},
              "submitted": {"type": "number", "description": "Seconds since 1970."},
              "ended": {"type": "number", "description": "Seconds since 1970."}
            }
          },
          "StoryList": {
            "type": "object", "required": ["stories"],
            "properties": {
              "stories": {"type": "array", "items": {"$ref": "#/components/schemas/StoryOverview"}},
              "next": {
                "type": "integer",
                "description": "What to give as before for the next page; not there on the last."
              }
            }
          },
          "StoryDetail": {
            "type": "object",
            "required": ["overview", "revision", "model", "script", "steps", "awaitsDefaults", "segments"],
            "properties": {
              "overview": {"$ref": "#/components/schemas/StoryOverview"},
              "revision": {"type": "integer"}, "model": {"type": "string"},
              "script": {"type": "string", "description": "JSON, with every value given."},
              "steps": {"type": "integer"}, "awaitsDefaults": {"type": "boolean"},
              "pin": {
                "type": "object", "required": ["model", "device", "encoder", "isSimulated"],
                "properties": {
                  "model": {"type": "string"}, "device": {"type": "string"}, "encoder": {"type": "string"},
                  "isSimulated": {"type": "boolean"}
                }
              },
              "segments": {"type": "array", "items": {"$ref": "#/components/schemas/StorySegment"}},
              "secondsLeft": {"type": "number"}
            }
          },
          "StorySegment": {
            "type": "object", "required": ["number", "state", "scene", "action", "step", "failures"],
            "properties": {
              "number": {"type": "integer", "minimum": 1},
              "state": {
                "enum": ["blocked", "ready", "denoising", "denoised", "delivering", "finished", "failed", "cancelled"]
              },
              "scene": {"type": "string"}, "action": {"type": "string"}, "step": {"type": "integer"},
              "worker": {"type": "string"}, "activity": {"type": "string"}, "secondsPerStep": {"type": "number"},
              "failures": {"type": "integer"}, "note": {"type": "string"}, "hasPreview": {"type": "boolean"}
            }
          },
          "FarmNews": {
            "type": "object", "required": ["sequence", "time", "kind", "text"],
            "properties": {
              "sequence": {"type": "integer"}, "time": {"type": "number"},
              "kind": {"type": "string", "description": "As gap, story, segment, step, preview, film, notice."},
              "story": {"type": "integer"}, "segment": {"type": "integer"}, "worker": {"type": "string"},
              "text": {"type": "string"}, "step": {"type": "integer"}, "steps": {"type": "integer"},
              "seconds": {"type": "number"}, "cause": {"type": "string"}
            }
          },
          "StoryLog": {
            "type": "object", "required": ["news"],
            "properties": {"news": {"type": "array", "items": {"$ref": "#/components/schemas/FarmNews"}}}
          },

          "QueueReport": {
            "type": "object", "required": ["segments", "stories", "workers", "backlogSeconds", "waiting"],
            "properties": {
              "segments": {"type": "object", "additionalProperties": {"type": "integer"}},
              "stories": {"type": "object", "additionalProperties": {"type": "integer"}},
              "workers": {"type": "object", "additionalProperties": {"type": "integer"}},
              "backlogSeconds": {"type": "number"}, "oldestReadySeconds": {"type": "number"},
              "waiting": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["story", "reason"],
                  "properties": {"story": {"type": "integer"}, "reason": {"type": "string"}}
                }
              }
            }
          },
          "WorkerList": {
            "type": "object", "required": ["workers"],
            "properties": {"workers": {"type": "array", "items": {"$ref": "#/components/schemas/WorkerOverview"}}}
          },
          "WorkerOverview": {
            "type": "object",
            "required": [
              "id", "node", "process", "device", "accelerator", "memoryBytes",
              "models", "state", "delivering", "isSimulated"
            ],
            "properties": {
              "id": {"type": "string"}, "node": {"type": "string"}, "process": {"type": "integer"},
              "device": {"type": "string"}, "accelerator": {"type": "string"}, "memoryBytes": {"type": "integer"},
              "freeBytes": {"type": "integer"}, "usedBytes": {"type": "integer"},
              "models": {"type": "array", "items": {"type": "string"}},
              "state": {"enum": ["idle", "denoising", "draining", "setAside", "disconnected"]},
              "denoising": {"$ref": "#/components/schemas/Work"},
              "delivering": {"type": "array", "items": {"$ref": "#/components/schemas/Work"}},
              "isSimulated": {"type": "boolean"}, "note": {"type": "string"}
            }
          },
          "Work": {
            "type": "object", "required": ["story", "segment", "step"],
            "properties": {
              "story": {"type": "integer"}, "segment": {"type": "integer"}, "step": {"type": "integer"},
              "activity": {"type": "string"}, "secondsPerStep": {"type": "number"},
              "hasPreview": {"type": "boolean"}
            }
          },
          "NodeList": {
            "type": "object", "required": ["nodes"],
            "properties": {"nodes": {"type": "array", "items": {"$ref": "#/components/schemas/NodeOverview"}}}
          },
          "NodeOverview": {
            "type": "object",
            "required": ["name", "state", "devices", "capacity", "wanted", "running", "build", "exits"],
            "properties": {
              "name": {"type": "string"}, "state": {"enum": ["connected", "lost"]},
              "devices": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["uuid", "memoryBytes"],
                  "properties": {"uuid": {"type": "string"}, "memoryBytes": {"type": "integer"}}
                }
              },
              "capacity": {"type": "integer"}, "wanted": {"type": "integer"}, "running": {"type": "integer"},
              "freeMemoryBytes": {"type": "integer"}, "freeDiskBytes": {"type": "integer"},
              "build": {"type": "string"},
              "exits": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["process", "device", "cause", "code", "detail"],
                  "properties": {
                    "process": {"type": "integer"}, "device": {"type": "string"}, "cause": {"type": "string"},
                    "code": {"type": "integer"}, "detail": {"type": "string"}
                  }
                }
              }
            }
          },
          "ScaleRequest": {
            "type": "object", "required": ["workers"], "properties": {"workers": {"type": "integer", "minimum": 0}}
          },
          "QueueHistory": {
            "type": "object", "required": ["intervalSeconds", "samples"],
            "properties": {
              "intervalSeconds": {"type": "number"},
              "samples": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["time", "segments", "workers", "backlogSeconds"],
                  "properties": {
                    "time": {"type": "number"},
                    "segments": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "workers": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "backlogSeconds": {"type": "number"}
                  }
                }
              }
            }
          },
          "StoryTimeline": {
            "type": "object", "required": ["spans"],
            "properties": {
              "spans": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["segment", "phase", "worker", "begun"],
                  "properties": {
                    "segment": {"type": "integer"}, "phase": {"type": "string"}, "worker": {"type": "string"},
                    "node": {"type": "string"}, "begun": {"type": "number"}, "ended": {"type": "number"},
                    "outcome": {"type": "string"}
                  }
                }
              }
            }
          },
          "FailureList": {
            "type": "object", "required": ["failures"],
            "properties": {
              "failures": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["sequence", "time", "cause", "text"],
                  "properties": {
                    "sequence": {"type": "integer"}, "time": {"type": "number"}, "cause": {"type": "string"},
                    "story": {"type": "integer"}, "segment": {"type": "integer"}, "worker": {"type": "string"},
                    "node": {"type": "string"}, "text": {"type": "string"}
                  }
                }
              }
            }
          },
          "SessionReport": {
            "type": "object", "required": ["subject", "role"],
            "properties": {"subject": {"type": "string"}, "role": {"enum": ["viewer", "submitter", "operator"]}}
          },
          "SessionTicket": {
            "type": "object", "required": ["ticket"], "properties": {"ticket": {"type": "string"}}
          }
        }
        """#
}
