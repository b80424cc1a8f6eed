# frozen_string_literal: true

require "cgi/escape"
require_relative "samples"

module Bench
  # Line and bar charts as SVG.
  class Plot
    WIDTH = 750
    HEIGHT = 400
    LEFT = 80
    RIGHT = 220
    TOP = 44
    BOTTOM = 52
    COLOURS = %w[#b3452c #2c6fb3 #2f8f4e #8a5fb0 #b38a2c #555555].freeze
    private_constant :WIDTH, :HEIGHT, :LEFT, :RIGHT, :TOP, :BOTTOM, :COLOURS

    # @param title [String]
    # @param across [String] what the x axis shows
    # @param upward [String] what the y axis shows
    # @param series [Hash{String => Hash{Object => Samples}}] by name, then by place on the x axis
    def initialize(title, across:, upward:, series:)
      @title = title
      @across = across
      @upward = upward
      @series = series.reject { |_name, points| points.empty? }
      @places = @series.values.flat_map(&:keys).uniq
      @places.sort! if @places.all?(Numeric)
    end

    # @return [String] lines with the range of the rounds, both axes logarithmic
    def lines
      draw do |points, colour|
        spots = points.map { |place, samples| [across(place), samples] }
        path = spots.map { |x, samples| "#{x},#{up(samples.median)}" }.join(" ")
        marks = spots.map { |x, samples| whisker(x, samples, colour) + spot(x, samples, colour) }
        "<polyline points=\"#{path}\" fill=\"none\" stroke=\"#{colour}\" stroke-width=\"2\"/>#{marks.join}"
      end
    end

    # @return [String] groups of bars with the range of the rounds, on a logarithmic axis
    def bars
      width = band / (@series.size + 1)
      draw do |points, colour, index|
        points.map do |place, samples|
          x = across(place) + (width * (index - (@series.size / 2.0)))
          bar(x, width * 0.9, samples, colour) + whisker(x + (width * 0.45), samples, "#333333")
        end.join
      end
    end

    private

    def draw
      parts = @series.values.each_with_index.map { |points, index| yield points, colour(index), index }
      <<~SVG
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 #{WIDTH} #{HEIGHT}" font-family="sans-serif" font-size="12">
        <rect width="#{WIDTH}" height="#{HEIGHT}" fill="#ffffff"/>
        #{text(LEFT, 24, @title, "font-size=\"15\" font-weight=\"bold\"")}
        #{grid}
        #{parts.join("\n")}
        #{axis}
        #{legend}
        </svg>
      SVG
    end

    def colour(index) = COLOURS[index % COLOURS.size]

    def band = (WIDTH - LEFT - RIGHT) / @places.size.to_f

    def across(place) = (LEFT + (band * (@places.index(place) + 0.5))).round(1)

    # Whole powers of ten around everything.
    def decades
      @decades ||= begin
        all = @series.values.flat_map { |points| points.values.flat_map(&:values) }.select(&:positive?)
        low, high = all.minmax.map { |value| Math.log10(value) }
        Range.new(low.floor, [high.ceil, low.floor + 1].max)
      end
    end

    def up(value)
      share = (Math.log10([value, 10.0**decades.min].max) - decades.min) / (decades.max - decades.min)
      (HEIGHT - BOTTOM - (share * (HEIGHT - TOP - BOTTOM))).round(1)
    end

    def grid
      decades.map do |decade|
        y = up(10.0**decade)
        "<line x1=\"#{LEFT}\" x2=\"#{WIDTH - RIGHT}\" y1=\"#{y}\" y2=\"#{y}\" stroke=\"#dddddd\"/>" \
          "#{text(LEFT - 8, y + 4, Samples.short(10.0**decade), "text-anchor=\"end\"")}"
      end.join("\n")
    end

    def axis
      middle = (TOP + HEIGHT - BOTTOM) / 2
      ticks = @places.map do |place|
        name = place.is_a?(Numeric) ? Samples.short(place) : place
        text(across(place), HEIGHT - BOTTOM + 18, name, "text-anchor=\"middle\"")
      end
      [*ticks, text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, @across, "text-anchor=\"middle\""),
       text(18, middle, @upward, "text-anchor=\"middle\" transform=\"rotate(-90 18 #{middle})\"")].join("\n")
    end

    def legend
      @series.keys.each_with_index.map do |name, index|
        y = TOP + 10 + (index * 20)
        "<rect x=\"#{WIDTH - RIGHT + 16}\" y=\"#{y - 10}\" width=\"12\" height=\"12\" fill=\"#{colour(index)}\"/>" \
          "#{text(WIDTH - RIGHT + 34, y, name)}"
      end.join("\n")
    end

    def spot(left, samples, colour) = "<circle cx=\"#{left}\" cy=\"#{up(samples.median)}\" r=\"3.5\" fill=\"#{colour}\"/>"

    def bar(left, width, samples, colour)
      top = up(samples.median)
      height = (HEIGHT - BOTTOM - top).round(1)
      "<rect x=\"#{left.round(1)}\" y=\"#{top}\" width=\"#{width.round(1)}\" height=\"#{height}\" fill=\"#{colour}\"/>"
    end

    def whisker(left, samples, colour)
      "<line x1=\"#{left.round(1)}\" x2=\"#{left.round(1)}\" y1=\"#{up(samples.min)}\" y2=\"#{up(samples.max)}\" stroke=\"#{colour}\"/>"
    end

    def text(left, top, content, attributes = "")
      "<text x=\"#{left}\" y=\"#{top}\" fill=\"#222222\" #{attributes}>#{CGI.escapeHTML(content.to_s)}</text>"
    end
  end
end
