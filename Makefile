SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

UV_VERSION := 0.13.9
PY := .venv/bin/python
export UV_PYTHON_DOWNLOADS := never
export UV_CACHE_DIR := $(CURDIR)/.venv/uv-cache
export UV_SYSTEM_CERTS := 1
export UV_NO_PROGRESS := 1
UV := .venv/bin/uv

LIBS := proto libs/messaging libs/chassis
SERVICES := services/catalog services/orders services/routing services/quality services/fabrication
MEMBERS := $(LIBS) $(SERVICES) hub launcher
EDITABLE = $(foreach member,$(1),-e $(member))
MANIFESTS := $(foreach member,$(MEMBERS),$(member)/pyproject.toml)

##@ Run
