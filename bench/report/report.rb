# frozen_string_literal: true

require_relative "cores"
require_relative "document"
require_relative "growth"
require_relative "machine"
require_relative "markdown"
require_relative "plot"
require_relative "readme"
require_relative "samples"
