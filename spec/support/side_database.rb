# frozen_string_literal: true

require "uri"

# Databases beside the one of the specs, on the same server. Their names begin with its name: specs run in several processes at once.
module SideDatabase
  class << self
    # @param suffix [String]
    def name(suffix) = "#{uri.path.delete_prefix("/")}_#{suffix}"

    # @return [String] its URL
    def url(suffix) = uri.tap { |uri| uri.path = "/#{name(suffix)}" }.to_s

    # @return [void]
    def drop(suffix)
      server = PG.connect(ENV.fetch("DATABASE_URL"))
      server.exec("DROP DATABASE #{name(suffix)} WITH (FORCE)")
    ensure
      server&.close
    end

    private

    def uri = URI.parse(ENV.fetch("DATABASE_URL"))
  end
end
